"""How threads spend their time, and who keeps whom waiting, for how long.

Times are emulated ones, in ns. A thread runs where nothing keeps it from running: whether it had
the processor is the schedule's doing, and no property of the program.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import orjson

from emu.analysis.bars import BLOCK, HANDLER, HOLD, SLEEP, STALL, WAIT, Bar
from emu.analysis.intervals import TELLING, WANTED, bars_in
from emu.analysis.tables.columns import BY_NAME
from emu.analysis.tables.database import sql_texts
from emu.analysis.tables.summary import NAMELESS
from emu.analysis.tables.tables import EVENTS, Tables
from emu.record.event import Event
from emu.record.finding import Outcome
from emu.record.history import HEAD, TAIL, Ending
from emu.record.reading import finding_of
from emu.record.tape import Tape


@dataclass
class Thread:
    """A thread of a scenario, over the runs in which it began to run.

    `life` lasts from its first event to its end, or that of its run; `running` is what is left
    of it without `waiting` for locks, being `blocked` on anything else, `sleeping` and `stalled`
    by chaos. `in_handlers` is the part of its life with a signal handler on it, which may run or
    wait; `handlers` counts those. `unended` counts the runs that ended before it.
    """

    scenario: str
    thread: str
    runs: int = 0
    unended: int = 0
    life: int = 0
    waiting: int = 0
    blocked: int = 0
    sleeping: int = 0
    stalled: int = 0
    in_handlers: int = 0
    handlers: int = 0

    @property
    def running(self) -> int:
        """The time in which nothing kept it from running."""
        return self.life - self.waiting - self.blocked - self.sleeping - self.stalled


@dataclass
class Blocking:
    """One thread waits for what another has: a lock, or its end (`what` is `join` then).

    `total` is the time, without what handlers ran meanwhile; `longest` the most in one wait,
    which began at `place` in `step` of the run `run`, counted over all logs from 1.
    """

    scenario: str
    waiter: str
    holder: str
    what: str
    count: int = 0
    total: int = 0
    longest: int = -1
    place: str = ""
    step: int = 0
    run: int = 0


@dataclass(frozen=True)
class Threads:
    """The threads, and who keeps whom waiting; those with most to wait for come first."""

    threads: list[Thread]
    blocking: list[Blocking]


_FIELDS: Final = {BLOCK: "blocked", WAIT: "waiting", SLEEP: "sleeping", STALL: "stalled"}


def threads(tables: Tables) -> Threads:
    """How the threads of all runs spend their time."""
    found: dict[tuple[str, str], Thread] = {}
    blocking: dict[tuple[str, str, str, str], Blocking] = {}
    for number, scenario, events, ending in _runs(tables):
        lives = _lives(events, ending)
        for name, (began, ended) in lives.items():
            thread = found.setdefault((scenario, name), Thread(scenario, name))
            thread.runs += 1
            thread.unended += ended is None
            thread.life += max((ending.t if ended is None else ended) - began, 0)
        for bar, own, outermost in _own_times(bars_in(events, ending)):
            if bar.thread not in lives:
                continue
            thread = found[scenario, bar.thread]
            if bar.kind == HANDLER:
                thread.handlers += 1
                thread.in_handlers += bar.t1 - bar.t0 if outermost else 0
                continue
            name = _FIELDS[bar.kind]
            setattr(thread, name, getattr(thread, name) + own)
            if bar.held_by:
                what = bar.name if bar.kind == WAIT else bar.what
                key = (scenario, bar.thread, bar.held_by, what)
                _add(blocking.setdefault(key, Blocking(*key)), bar, own, number)
    return Threads(
        sorted(found.values(), key=lambda one: (one.scenario, -one.waiting, one.thread)),
        sorted(
            blocking.values(),
            key=lambda one: (-one.total, one.scenario, one.waiter, one.holder, one.what),
        ),
    )


def _add(blocking: Blocking, bar: Bar, own: int, run: int) -> None:
    blocking.count += 1
    blocking.total += own
    if own > blocking.longest:
        blocking.longest, blocking.place = own, bar.at
        blocking.step, blocking.run = bar.step0, run


def _own_times(bars: Iterable[Bar]) -> Iterator[tuple[Bar, int, bool]]:
    """Each bar but holds: its time without what is on top of it, and if it is in no handler."""
    stacks: dict[str, list[list[Any]]] = {}
    done: list[list[Any]] = []
    for bar in bars:
        if bar.kind == HOLD:
            continue
        stack = stacks.setdefault(bar.thread, [])
        while stack and stack[-1][0].end is not None and stack[-1][0].end <= bar.start:
            stack.pop()
        if stack:
            below = stack[-1]
            below[1] -= max(min(bar.t1, below[0].t1) - bar.t0, 0)
        outermost = all(one[0].kind != HANDLER for one in stack)
        stack.append([bar, bar.t1 - bar.t0, outermost])
        done.append(stack[-1])
    for one in done:
        yield one[0], max(one[1], 0), one[2]


def _lives(events: list[Event], ending: Ending) -> dict[str, tuple[int, int | None]]:
    """When each thread that ran began, and when it ended, in ns; None for one that did not."""
    began: dict[str, int] = {}
    ended: dict[str, int] = {}
    for event in events:
        if event.thread:
            began.setdefault(event.thread, event.t)
            if event.event == "thread.end":
                ended[event.thread] = event.t
    return {name: (t, ended.get(name)) for name, t in began.items()}


_COMMON: Final = ("event", "step", "t", "thread", "depth", "object", "place", "region")
_ENDS: Final = ("scenario", "steps", "findings")

_ROWS: Final = f"""
SELECT {", ".join(("run", *_COMMON, *_ENDS, *WANTED))}
FROM (
    SELECT *, event NOT IN ({sql_texts((HEAD, TAIL, *sorted(TELLING)))}) AND depth = 0 AS dull
    FROM {EVENTS} WHERE event IS NOT NULL
)
WINDOW of_thread AS (PARTITION BY run, thread ORDER BY line)
QUALIFY NOT (dull AND coalesce(lag(dull) OVER of_thread AND lead(dull) OVER of_thread, false))
ORDER BY run, line
"""
"""The events that say when something began or was over: as a rule, few of all."""


def _runs(tables: Tables) -> Iterator[tuple[int, str, list[Event], Ending]]:
    """Each run, by its number: its scenario, its events with few of their fields, its end."""
    assert all(name in BY_NAME for name in (*WANTED, *_COMMON, *_ENDS))
    rows = tables.rows(_ROWS)
    own = 1 + len(_COMMON) + len(_ENDS)
    for number, run in groupby(rows, key=itemgetter(0)):
        scenario, events = NAMELESS, list[Event]()
        ending = None
        for row in run:
            kind = row[1]
            if kind == HEAD:
                scenario = row[9] or NAMELESS
            elif kind == TAIL:
                ending = _ending(row)
            else:
                kind, step, t, thread, depth, *rest = row[1:own]
                what, place, region = rest[:3]
                fields = dict(zip(WANTED, row[own:], strict=True))
                events.append(Event(kind, step, t, thread, depth, what, place, region, fields))
        last = events[-1] if events else None
        cut = Ending(Tape(()), Outcome(""), (), last.step if last else 0, last.t if last else 0)
        yield number, scenario, events, ending or cut


def _ending(row: tuple[Any, ...]) -> Ending:
    findings = tuple(finding_of(one) for one in orjson.loads(row[11] or "[]"))
    return Ending(Tape(()), Outcome(""), findings, row[10] or 0, row[3] or 0)
