"""A distribution of times as a small bar chart, with a logarithmic axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from emu.analysis.report.contention import BINS, Times
from emu.analysis.report.spelling import duration, plural

WIDTH, HEIGHT = 132, 30
"""Of the drawing, in its units."""

LABELS: Final = 84.0
"""Both labels of the axis need so much of the width."""

FEWEST: Final = 9
"""A distribution with few bins is drawn as wide as one with so many."""


@dataclass(frozen=True, slots=True)
class Column:
    """A bin with something in it."""

    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Histogram:
    """The columns, and what the ends of the axis are called; the upper one is at `end`."""

    columns: tuple[Column, ...]
    low: str
    high: str
    end: float


def draw_histogram(times: Times) -> Histogram | None:
    """The distribution, drawn; None for an empty one. The highest bin has the full height."""
    if not times.bins:
        return None
    edges = (0, *BINS)
    known = [edges.index(low) for low, _ in times.bins]
    first, last = known[0], known[-1]
    across = max(last - first + 1, FEWEST)
    most = max(count for _, count in times.bins)
    step = WIDTH / across
    columns = [
        Column(
            x=round((at - first) * step, 1),
            y=round(HEIGHT - max(HEIGHT * count / most, 1.5), 1),
            width=round(step - 1.5, 1),
            height=round(max(HEIGHT * count / most, 1.5), 1),
            title=f"{_range(edges, at)}: {plural(count, 'time')}",
        )
        for at, (_, count) in zip(known, times.bins, strict=True)
    ]
    end = max(columns[-1].x + columns[-1].width, LABELS)
    return Histogram(tuple(columns), duration(edges[first]), duration(times.spread.max), end)


def _range(edges: tuple[int, ...], at: int) -> str:
    if not edges[at]:
        return "at once"
    high = edges[at + 1] if at + 1 < len(edges) else None
    return f"{duration(edges[at])} to {duration(high)}" if high else f"from {duration(edges[at])}"
