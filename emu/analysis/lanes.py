"""Lanes: a run as a drawing has it: a lane a thread, bars and marks in it, arrows between them.

What a picture of a run over time is made of: the timeline in a report and in the terminal, and
the export to trace viewers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from emu.analysis.arrows import Arrow, arrows_of
from emu.analysis.bars import Bar
from emu.analysis.intervals import bars_of
from emu.analysis.rows import in_rows
from emu.analysis.steps import OUTSIDE, words_of
from emu.record.event import Event
from emu.record.history import History

MARKS: Final[dict[str, str]] = {
    "signal.send": "send",
    "signal.deliver": "deliver",
    "signal.drop": "drop",
    "signal.take": "take",
    "fault": "fault",
    "inject": "inject",
    "process.exit": "exit",
    "process.kill": "kill",
    "process.stop": "stop",
    "process.continue": "continue",
    "print": "print",
    "note": "note",
    "timer.fire": "timer",
    "thread.spawn": "spawn",
    "wake": "wake",
    "cancel": "cancel",
    "lock.fail": "fail",
    "lock.destroy": "destroy",
    "chan.send": "channel",
    "chan.receive": "channel",
    "chan.close": "channel",
    "group.add": "group",
    "word.load": "word",
    "word.store": "word",
    "word.exchange": "word",
    "word.cas": "word",
    "word.add": "word",
}
"""Kinds of event that leave a mark, with the mark's kind."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at once: event number, time in ns, step, place, in a few words."""

    thread: str
    kind: str
    event: int
    t: int
    step: int
    depth: int
    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A thread: born with the event `birth` and ended with `end`, None if it never did.

    `start` is the event with which it ran first, None if it never ran. Times are in ns; `t1`
    and `step1` of one that never ended are the run's. `rows` is how many its bars take.
    """

    name: str
    birth: int
    start: int | None
    end: int | None
    t0: int
    t1: int
    step0: int
    step1: int
    rows: int


@dataclass(frozen=True, slots=True)
class Lanes:
    """A run: its threads in the order of their births, what is in their lanes, its last moment.

    What no thread of the program did, such as a timer, is in the last lane, `OUTSIDE`, if
    there is any. Bars and marks are ordered by their events, arrows by their ends; `end` is in
    ns.
    """

    threads: tuple[Lane, ...]
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    arrows: tuple[Arrow, ...]
    end: int
    steps: int


def lanes_of(history: History) -> Lanes:
    """The lanes of a run; those of a log of level `locks` have what is in such a log."""
    events = history.events
    bars = in_rows(bars_of(history))
    end = max(history.ending.t, events[-1].t if events else 0)
    steps = max(history.ending.steps, events[-1].step if events else 0)
    marks = tuple(mark_of(n, event) for n, event in enumerate(events) if _leaves_a_mark(event))
    arrows = tuple(arrows_of(events, bars))
    rows: dict[str, int] = {}
    for bar in bars:
        rows[bar.thread] = max(rows.get(bar.thread, 0), bar.row + 1)
    threads = _threads(events, rows, end, steps)
    outside = next((n for n, event in enumerate(events) if _is_outside(event)), None)
    if outside is not None:
        first = events[0]
        threads.append(Lane(OUTSIDE, outside, None, None, first.t, end, first.step, steps, 0))
    return Lanes(tuple(threads), tuple(bars), marks, arrows, end, steps)


def mark_of(number: int, event: Event) -> Mark:
    """The mark of an event; one that is not in `MARKS` gives one that has its own kind."""
    thread, kind = event.thread or OUTSIDE, MARKS.get(event.event, event.event)
    when = (number, event.t, event.step, event.depth, event.at)
    return Mark(thread, kind, *when, words_of(event))


def _is_outside(event: Event) -> bool:
    """Whether no thread did it; that nobody starts the main thread goes without saying."""
    return not event.thread and event.event != "thread.spawn"


def _leaves_a_mark(event: Event) -> bool:
    return event.event in MARKS and (bool(event.thread) or _is_outside(event))


def _threads(events: tuple[Event, ...], rows: dict[str, int], end: int, steps: int) -> list[Lane]:
    born: dict[str, int] = {}
    began: dict[str, int] = {}
    ended: dict[str, int] = {}
    for number, event in enumerate(events):
        if event.thread:
            born.setdefault(event.thread, number)
            ended.pop(event.thread, None)  # somebody else has that name
        if event.event == "thread.spawn":
            born.setdefault(event.fields["child"], number)
        elif event.event == "thread.start":
            began.setdefault(event.thread, number)
        elif event.event == "thread.end":
            ended[event.thread] = number
    lanes = []
    for name, birth in born.items():
        over = ended.get(name)
        first, last = events[birth], None if over is None else events[over]
        t1, step1 = (end, steps) if last is None else (last.t, last.step)
        lives = (name, birth, began.get(name), over, first.t, t1, first.step, step1)
        lanes.append(Lane(*lives, rows.get(name, 0)))
    return lanes
