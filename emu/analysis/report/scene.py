"""A scene: the lanes of one run as the page's timeline draws them, in few bytes.

A scene is one value for JSON. Each text stands in it once, in `names`, and is a number elsewhere.
Of a long run it has the end, where the finding is, and says what it leaves out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from emu.analysis.arrows import Arrow
from emu.analysis.bars import Bar
from emu.analysis.lanes import Lane, Lanes, Mark, lanes_of
from emu.record.event import Event
from emu.record.finding import Finding
from emu.record.history import ALL, History

MOST: Final = 1_200
"""So many bars and marks of one run are drawn; of a longer run, those that end last."""

Scene = dict[str, Any]
"""What the page's timeline reads; see `scene_of`."""


def scene_of(history: History, finding: Finding | None = None, *, most: int = MOST) -> Scene:
    """The run as a scene for the timeline, around `finding`.

    `threads`: name, rows, and step, ns and event of birth and of end, the latter -1 for one that
    never ended. `bars`: thread, kind, name, what, row, depth, then step, ns and event of its
    beginning and of its end (event -1: open), place of both, who held it, who released it.
    `marks`: thread, kind, text, depth, step, ns, event, place. `arrows`: kind, name, then thread,
    step, ns and event of each end. `span`: step, ns and event of the first and the last moment.
    `cycle`: thread, what it waits for, and who has that, in a circle. `objects`: what the finding
    is about. `notes`: what is left out.
    """
    lanes = lanes_of(history)
    events = history.events
    first = _first_event(lanes, most)
    bars = [one for one in lanes.bars if one.end is None or one.end >= first]
    marks = [one for one in lanes.marks if one.event >= first]
    arrows = [one for one in lanes.arrows if one.start >= first]
    seen = {one.thread for one in bars} | {one.thread for one in marks}
    involved = set(finding.threads) if finding is not None else set[str]()
    threads = [one for one in lanes.threads if one.name in seen | involved or not first]
    return _Writer(threads, events).scene(
        bars,
        marks,
        arrows,
        _span(lanes, events, first),
        finding,
        _notes(history, lanes, threads, first),
    )


def _first_event(lanes: Lanes, most: int) -> int:
    """The event from which on so many bars and marks are over; 0 if all are few enough."""
    ends = [one.end for one in lanes.bars if one.end is not None]
    ends += [one.event for one in lanes.marks]
    room = most - (len(lanes.bars) + len(lanes.marks) - len(ends))
    if len(ends) <= room:
        return 0
    ends.sort(reverse=True)
    return ends[max(room, 1) - 1]


def _span(lanes: Lanes, events: Sequence[Event], first: int) -> list[int]:
    begin = events[first] if first and first < len(events) else None
    start = [0, 0, 0] if begin is None else [begin.step, begin.t, first]
    return [*start, lanes.steps, lanes.end, len(events)]


def _notes(history: History, lanes: Lanes, threads: Sequence[Lane], first: int) -> list[str]:
    notes = []
    if history.level != ALL:
        notes.append(
            f"The log is of level {history.level}: it has locks and threads, and nothing else."
        )
    if first:
        steps = lanes.steps - history.events[first].step
        notes.append(
            f"A long run: shown are the last {steps:,} of {lanes.steps:,} steps, which lead to "
            f"the finding; all of it is in the log."
        )
    if len(threads) < len(lanes.threads):
        notes.append(
            f"{len(lanes.threads) - len(threads):,} of {len(lanes.threads):,} threads do nothing "
            f"in that time, and are not shown."
        )
    return notes


class _Writer:
    """Writes texts as numbers."""

    def __init__(self, threads: Sequence[Lane], events: Sequence[Event]) -> None:
        self._numbers: dict[str, int] = {}
        self._threads = threads
        self._lanes = {one.name: number for number, one in enumerate(threads)}
        self._events = events

    def scene(
        self,
        bars: Sequence[Bar],
        marks: Sequence[Mark],
        arrows: Sequence[Arrow],
        span: list[int],
        finding: Finding | None,
        notes: list[str],
    ) -> Scene:
        cycle = finding.cycle if finding is not None else ()
        made: Scene = {
            "threads": [self._thread(one) for one in self._threads],
            "bars": [self._bar(one) for one in bars],
            "marks": [self._mark(one) for one in marks],
            "arrows": [self._arrow(one) for one in arrows if self._has(one.thread0, one.thread1)],
            "span": span,
            "cycle": [
                [
                    self._lanes[one.thread],
                    self._name(one.waits_for),
                    [self._lanes[by] for by in one.held_by],
                ]
                for one in cycle
                if self._has(one.thread, *one.held_by)
            ],
            "objects": [self._name(one) for one in finding.objects] if finding is not None else [],
            "notes": notes,
        }
        return {"names": list(self._numbers), **made}

    def _thread(self, one: Lane) -> list[int]:
        begin = (one.step0, one.t0, one.birth)
        return [self._name(one.name), one.rows, *begin, *_end(one.step1, one.t1, one.end)]

    def _bar(self, one: Bar) -> list[int]:
        what = map(self._name, (one.kind, one.name, one.what))
        where = map(self._name, (one.at, one.until, one.held_by, one.by))
        begin, end = (one.step0, one.t0, one.start), _end(one.step1, one.t1, one.end)
        return [self._lanes[one.thread], *what, one.row, one.depth, *begin, *end, *where]

    def _mark(self, one: Mark) -> list[int]:
        what = (self._name(one.kind), self._name(one.text), one.depth)
        return [self._lanes[one.thread], *what, one.step, one.t, one.event, self._name(one.at)]

    def _arrow(self, one: Arrow) -> list[int]:
        start = (self._lanes[one.thread0], self._events[one.start].step, one.t0, one.start)
        end = (self._lanes[one.thread1], self._events[one.end].step, one.t1, one.end)
        return [self._name(one.kind), self._name(one.name), *start, *end]

    def _has(self, *threads: str) -> bool:
        return all(one in self._lanes for one in threads)

    def _name(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))


def _end(step: int, t: int, event: int | None) -> tuple[int, int, int]:
    return step, t, -1 if event is None else event
