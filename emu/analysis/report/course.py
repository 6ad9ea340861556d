"""Outcomes and behaviours over runs, as paths of a drawing.

Both have runs from left to right. Of the outcomes there is the share in each stretch of runs,
one on top of the other; of the behaviours, how many there were by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from emu.analysis.report.axis import ticks
from emu.analysis.report.contents import CoursePoint, Entry
from emu.analysis.report.spelling import percent, plural, short
from emu.record.finding import OK, UNKNOWN

WIDTH, HEIGHT = 190, 92
"""Of the area in which is drawn, in units of the drawing."""

STRETCHES: Final = 48
"""So many stretches of runs are drawn at most: a finer picture only flickers."""

SHORTEST: Final = 8
"""Fewer runs make no stretch: a share of them says nothing."""

LEAST: Final = 2 * SHORTEST
"""Fewer runs than these have no course worth drawing."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis, in units of the drawing, and what it is called."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Area:
    """An outcome's share: its name, which of all outcomes of the page, and the path around it."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class CourseDrawing:
    """The two drawings of one entry, and what is known of its behaviours in words.

    `hover` has what is said of each stretch, for a pointer.
    """

    entry: Entry
    areas: tuple[Area, ...]
    line: str
    behaviours: int
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    known: str
    hover: tuple[dict[str, Any], ...]


def draw_course(entry: Entry) -> CourseDrawing | None:
    """The course of an entry; None where there is none, or hardly any."""
    if entry.runs < LEAST or len(entry.course) < 2:
        return None
    names = sorted(entry.outcomes, key=_upwards)
    order = [list(entry.outcomes).index(name) for name in names]
    points = [
        CoursePoint(one.runs, tuple(_count(one, at) for at in order), one.behaviours)
        for one in _thinned(entry.course)
    ]
    most = points[-1].runs
    before = CoursePoint(0, (0,) * len(names), 0)
    stretches = list(pairwise([before, *points]))
    shares = [_shares(one, other) for one, other in stretches]
    edges = [WIDTH * one.runs / most for one in (before, *points)]
    top = max(points[-1].behaviours, 1)
    heights = [HEIGHT * one.behaviours / top for one in (before, *points)]
    return CourseDrawing(
        entry=entry,
        areas=tuple(Area(name, _area(edges, shares, number)) for number, name in enumerate(names)),
        line=_line(edges, heights),
        behaviours=points[-1].behaviours,
        across=tuple(Tick(WIDTH * one / most, short(one)) for one in ticks(most)),
        up=tuple(Tick(HEIGHT * (1 - one / top), short(one)) for one in ticks(top, 3)),
        known=_known(entry),
        hover=tuple(
            {
                "x": [round(edges[at], 1), round(edges[at + 1], 1)],
                "y": round(HEIGHT - heights[at + 1], 1),
                "runs": f"runs {one.runs + 1:,} to {other.runs:,}",
                "outcomes": _said(one, other, names),
                "behaviours": plural(other.behaviours, "behaviour")
                + f", {other.behaviours - one.behaviours:,} new",
            }
            for at, (one, other) in enumerate(stretches)
        ),
    )


def _known(entry: Entry) -> str:
    estimate = entry.estimate
    if estimate is None:
        return ""
    more = f"about {estimate.unseen:,} more unseen" if estimate.unseen else "hardly any unseen"
    return (
        f"{plural(estimate.behaviours, 'behaviour')} in {plural(entry.sampled, 'run')} looked at, "
        f"{more}; the next run is new with chance {percent(estimate.chance)}"
    )


def _thinned(points: Sequence[CoursePoint]) -> list[CoursePoint]:
    """So many of them as can be told apart, the last among them, about evenly."""
    apart = points[1].runs - points[0].runs
    every = max(-(-len(points) // STRETCHES), -(-SHORTEST // apart))
    return list(points[::-1][::every][::-1])


def _upwards(outcome: str) -> tuple[bool, bool]:
    """From bottom to top: `ok`, then the others as they turned up, then unknown."""
    return outcome != OK, outcome == UNKNOWN


def _count(one: CoursePoint, outcome: int) -> int:
    """How often an outcome had turned up; those that came later are missing."""
    return one.outcomes[outcome] if outcome < len(one.outcomes) else 0


def _counts(one: CoursePoint, other: CoursePoint) -> list[int]:
    pairs = zip(one.outcomes, other.outcomes, strict=True)
    return [after - before for before, after in pairs]


def _shares(one: CoursePoint, other: CoursePoint) -> list[float]:
    counts = _counts(one, other)
    total = sum(counts) or 1
    return [count / total for count in counts]


def _said(one: CoursePoint, other: CoursePoint, names: Sequence[str]) -> str:
    counts = zip(_counts(one, other), names, strict=True)
    return ", ".join(f"{name} {count:,}" for count, name in counts if count)


def _area(edges: Sequence[float], shares: Sequence[Sequence[float]], number: int) -> str:
    """The path around the share of one outcome: along its upper edge, and back along its lower."""
    lows = [HEIGHT * (1 - sum(one[:number])) for one in shares]
    highs = [HEIGHT * (1 - sum(one[: number + 1])) for one in shares]
    there = [_step(edges[at], edges[at + 1], y) for at, y in enumerate(highs)]
    back = [_step(edges[at + 1], edges[at], lows[at]) for at in reversed(range(len(lows)))]
    return "M" + "L".join([*there, *back]) + "Z"


def _step(x0: float, x1: float, y: float) -> str:
    return f"{x0:.1f} {y:.1f}L{x1:.1f} {y:.1f}"


def _line(edges: Sequence[float], heights: Sequence[float]) -> str:
    places = [f"{x:.1f} {HEIGHT - y:.1f}" for x, y in zip(edges, heights, strict=True)]
    return "M" + "L".join(places)
