"""How many threads can run at a time, and how many wait for locks, over a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from emu.analysis.bars import HANDLER, HELD_UP, HOLD, WAIT, Bar
from emu.analysis.lanes import Lanes
from emu.analysis.steps import OUTSIDE

_GONE: Final = "gone"
_RUNNABLE: Final = "runnable"
_HELD_UP: Final = "held up"
_WAITING: Final = "waiting"


class Load(NamedTuple):
    """From `t` on, in ns: threads that run or could, and threads that wait for locks."""

    t: int
    runnable: int
    waiting: int


def loads_of(lanes: Lanes) -> Iterator[Load]:
    """The loads of a run, each different from the one before.

    A thread counts as runnable from its birth to its end, but for the time during which it
    waits or sleeps and no handler runs on top of that. One that was woken and has not got its
    lock yet counts as waiting for it.
    """
    nested: dict[str, list[Bar]] = {}
    for bar in lanes.bars:
        if bar.kind != HOLD:
            nested.setdefault(bar.thread, []).append(bar)
    changes: list[tuple[int, int, str]] = []
    for number, lane in enumerate(lanes.threads):
        if lane.name == OUTSIDE:
            continue
        bars = nested.get(lane.name, ())
        changes += [(t, number, state) for t, state in _states(bars, lane.t0, lanes.end)]
        if lane.end is not None:
            changes.append((lane.t1, number, _GONE))
    states: dict[int, str] = {}
    last = None
    changes.sort(key=lambda change: change[0])
    for at, (t, number, state) in enumerate(changes):
        states[number] = state
        if at + 1 < len(changes) and changes[at + 1][0] == t:
            continue
        now = [*states.values()]
        load = Load(t, now.count(_RUNNABLE), now.count(_WAITING))
        if load[1:] != last:
            yield load
        last = load[1:]


def _states(bars: Iterable[Bar], born: int, end: int) -> Iterator[tuple[int, str]]:
    """What a thread is in from which time on, in order."""
    yield born, _RUNNABLE
    lasting = [bar for bar in bars if bar.end is None and bar.t1 == end]
    passing = [bar for bar in bars if bar.t0 < bar.t1 and (bar.end is not None or bar.t1 < end)]
    edges = [(bar.t0, 1, bar) for bar in (*lasting, *passing)]
    edges += [(bar.t1, 0, bar) for bar in passing]
    inside: list[Bar] = []
    for t, begins, bar in sorted(edges, key=lambda edge: edge[:2]):
        if begins:
            inside.append(bar)
        else:
            inside.remove(bar)
        innermost = max(inside, key=lambda one: (one.depth, one.kind != HANDLER), default=None)
        if innermost is None or innermost.kind not in HELD_UP:
            yield t, _RUNNABLE
        else:
            yield t, _WAITING if innermost.kind == WAIT else _HELD_UP
