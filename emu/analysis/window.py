"""A window of a run: which of its events a picture shows, and which it leaves out for room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from emu.analysis.bars import HANDLER, HOLD, WAIT, Bar
from emu.analysis.lanes import Lanes
from emu.analysis.steps import (
    DECISIVE,
    DETAIL,
    LOCKS,
    OUTSIDE,
    QUIET,
    SPAWNS,
    Step,
    repeats,
    step_of,
)
from emu.record.event import Event

SIGHTS: Final[tuple[Mapping[str, str], ...]] = (
    DECISIVE | LOCKS | DETAIL | SPAWNS | QUIET,
    DECISIVE | LOCKS | SPAWNS | QUIET,
    DECISIVE | LOCKS | SPAWNS,
)
"""Kinds of event that are shown, most of them first: as many as there is room for."""


@dataclass(frozen=True, slots=True)
class Window:
    """Steps `first` to `last` of a run; of these threads and locks alone, if there are any."""

    first: int
    last: int
    threads: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()

    def has(self, event: Event) -> bool:
        """Whether an event is in it."""
        return (
            self.first <= event.step <= self.last
            and (not self.locks or event.object in self.locks)
            and self.has_thread(event.thread or OUTSIDE)
            and (bool(event.thread) or event.event not in SPAWNS)
        )

    def has_thread(self, name: str) -> bool:
        """Whether a thread is among those that are wanted."""
        return not self.threads or name in self.threads


class Shown(NamedTuple):
    """An event that is shown, by its number, and as what."""

    event: int
    step: Step


class Sight(NamedTuple):
    """What is shown of a window, and how many events of each kind are not.

    `quiet` are the events that took or released a lock which nobody waited for, neither then nor
    meanwhile, where these are left out too.
    """

    shown: list[Shown]
    left_out: Counter[str]
    quiet: frozenset[int] = frozenset()


def sight(events: Sequence[Event], lanes: Lanes, window: Window, rows: int | None) -> Sight:
    """As much of a window as fits into so many lines, or the least there is; None is: all.

    What is left out first are details, such as loads and stores, then where threads begin and
    end, then locks that nobody waited for.
    """
    inside = [number for number, event in enumerate(events) if window.has(event)]
    shown: list[Shown] = []
    for words in SIGHTS:
        shown = _steps(events, (n for n in inside if events[n].event in words))
        if rows is None or len(shown) <= rows:
            return Sight(shown, _left_out(events, inside, words))
    quiet = _quiet(lanes).intersection(inside)
    words = SIGHTS[-1]
    loud = [n for n in inside if n not in quiet]
    shown = _steps(events, (n for n in loud if events[n].event in words))
    return Sight(shown, _left_out(events, loud, words), quiet)


def within(events: Sequence[Event], lanes: Lanes, window: Window) -> Lanes:
    """The lanes of a window; bars that reach into it have their whole length."""
    numbers = {number for number, event in enumerate(events) if window.has(event)}
    threads = [lane for lane in lanes.threads if window.has_thread(lane.name)]
    bars = [
        bar
        for bar in lanes.bars
        if bar.step0 <= window.last
        and bar.step1 >= window.first
        and window.has_thread(bar.thread)
        and (not window.locks or bar.name in window.locks or bar.kind == HANDLER)
    ]
    arrows = [one for one in lanes.arrows if one.start in numbers or one.end in numbers]
    marks = [mark for mark in lanes.marks if mark.event in numbers]
    return replace(
        lanes,
        threads=tuple(threads),
        bars=tuple(bars),
        marks=tuple(marks),
        arrows=tuple(arrows),
    )


def _steps(events: Sequence[Event], numbers: Iterable[int]) -> list[Shown]:
    """The steps of these events, without those that only repeat the one before."""
    kept: list[Shown] = []
    for number in numbers:
        step = step_of(events[number])
        if not (kept and repeats(step, kept[-1].step)):
            kept.append(Shown(number, step))
    return kept


def _quiet(lanes: Lanes) -> frozenset[int]:
    """The acquisitions, with their releases, that had nothing to do with any wait."""
    points: list[tuple[int, int, Bar]] = []
    for bar in lanes.bars:
        if bar.kind in (HOLD, WAIT):
            points.append((bar.start, bar.kind == HOLD, bar))
            if bar.end is not None:
                points.append((bar.end, 2, bar))
    waiting: Counter[str] = Counter()
    held: dict[str, list[Bar]] = {}
    quiet: set[int] = set()
    for _, ends, bar in sorted(points, key=lambda point: point[:2]):
        holders = held.setdefault(bar.name, [])
        if bar.kind == WAIT:
            waiting[bar.name] += -1 if ends == 2 else 1
            if ends != 2:
                holders.clear()
        elif ends != 2 and not waiting[bar.name]:
            holders.append(bar)
        elif ends == 2 and bar in holders:
            holders.remove(bar)
            quiet |= {bar.start, bar.end or 0}
    return frozenset(quiet)


def _left_out(
    events: Sequence[Event], numbers: Iterable[int], words: Mapping[str, str]
) -> Counter[str]:
    return Counter(kind for n in numbers if (kind := events[n].event) not in words)
