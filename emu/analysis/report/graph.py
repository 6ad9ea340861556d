"""The lock order of one program as a drawing: locks are boxes, an arrow means `while held`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from emu.analysis.order import Edge, ProgramOrder
from emu.analysis.ordercycles import Cycle
from emu.analysis.report.layout import Item, Layout, lay_out
from emu.analysis.report.spelling import plural

MOST: Final = 40
"""So many locks are drawn at most: those in circles first, then those with the most edges."""

CHARACTER: Final = 7.3
"""How wide a character of a name is, in units of the drawing."""

MARGIN, LOWER = 48.0, 16.0
"""Left and right of everything; from one way around to the next below."""

PAD, GAP, ROW, BOX = 12.0, 92.0, 52.0, 30.0
"""Beside a name; between two layers; from one box to the next below; the height of a box."""

KINDS: Final = ("deadlock", "kept", "plain")
"""What an edge is a part of: a possible deadlock, a circle that something keeps off, or nothing."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A lock: its box, and what is said of it."""

    name: str
    x: float
    y: float
    width: float
    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class Line:
    """An edge: its path, its kind, its gates if it is in a circle, and what is said of it.

    `at` is where its label is.
    """

    path: str
    kind: str
    gates: str
    at: Point
    title: str


@dataclass(frozen=True, slots=True)
class GraphDrawing:
    """The drawing, and how large it is; `left_out` says what it has not."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: float
    height: float
    left_out: str


def draw_graph(order: ProgramOrder) -> GraphDrawing | None:
    """The lock order of a program; None if no lock is asked for while another is held."""
    if not order.edges:
        return None
    kinds = _kinds(order.cycles)
    names = _shown(order.edges, kinds)
    edges = [one for one in order.edges if one.held in names and one.lock in names]
    artist = _Artist(lay_out(names, [(one.held, one.lock) for one in edges]))
    lines = [
        artist.line(one, kinds.get((one.held, one.lock), "plain"), number)
        for number, one in enumerate(edges)
    ]
    lines.sort(key=lambda line: -KINDS.index(line.kind))  # what matters is drawn last, on top
    all_names = {name for one in order.edges for name in (one.held, one.lock)}
    missing = len(all_names) - len(names)
    said = f"{plural(missing, 'lock')} with fewer edges not drawn" if missing else ""
    return GraphDrawing(
        boxes=tuple(artist.boxes(order, kinds)),
        lines=tuple(lines),
        width=artist.width,
        height=artist.height,
        left_out=said,
    )


def _kinds(cycles: Sequence[Cycle]) -> dict[tuple[str, str], str]:
    kinds: dict[tuple[str, str], str] = {}
    for cycle in cycles:
        kind = "deadlock" if cycle.verdict == "possible" or cycle.happened else "kept"
        for pair in pairwise([*cycle.locks, cycle.locks[0]]):
            kinds[pair] = min(kind, kinds.get(pair, kind), key=KINDS.index)
    return kinds


def _shown(edges: Sequence[Edge], kinds: dict[tuple[str, str], str]) -> set[str]:
    degree = Counter(name for one in edges for name in (one.held, one.lock))
    rank = {name: KINDS.index(kind) for pair, kind in reversed(kinds.items()) for name in pair}
    ordered = sorted(degree, key=lambda name: (rank.get(name, len(KINDS)), -degree[name], name))
    return set(ordered[:MOST])


class _Artist:
    """Knows where everything is."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._places = layout.places()
        widths = [
            max(
                (2 * PAD + CHARACTER * len(item) for item in layer if isinstance(item, str)),
                default=0.0,
            )
            for layer in layout.layers
        ]
        self._widths = widths
        self._lefts = [MARGIN + sum(widths[:at]) + GAP * at for at in range(len(widths))]
        tallest = max(len(layer) for layer in layout.layers)
        around = len(layout.turned)
        self._middle = ROW * tallest / 2 + 26
        self.width = self._lefts[-1] + widths[-1] + MARGIN
        self.height = ROW * tallest + 40 + (LOWER * around + 12 if around else 0)
        self._around = 0

    def boxes(self, order: ProgramOrder, kinds: dict[tuple[str, str], str]) -> list[Box]:
        uses = {one.name: one for one in order.locks}
        boxes = []
        for item in self._places:
            if isinstance(item, str):
                x, y, width = self._box(item)
                use = uses[item]
                held = f"{item}: acquired {plural(use.count, 'time')} by {', '.join(use.threads)}"
                inside = f", in handlers of {', '.join(use.signals)}" if use.signals else ""
                mine = [kind for pair, kind in kinds.items() if item in pair]
                kind = min(mine, key=KINDS.index, default="plain")
                boxes.append(Box(item, x, y, width, held + inside, kind))
        return boxes

    def line(self, edge: Edge, kind: str, number: int) -> Line:
        gates = " and ".join(edge.gates)
        places = "; ".join(
            f"{one.since.at} then {one.asks.at}"
            + (f" ({one.count:,} times)" if one.count > 1 else "")
            for one in edge.passages[:3]
        )
        title = (
            f"{edge.lock} is asked for while {edge.held} is held: {plural(edge.count, 'time')} in "
            f"{plural(edge.runs, 'run')}, by {', '.join(edge.threads)}; {places}"
            + (f"; always under {gates}" if gates else "")
            + (f"; in handlers of {', '.join(edge.signals)}" if edge.signals else "")
        )
        path, at = self._path(edge.held, edge.lock)
        return Line(path, kind, gates if kind == "kept" else "", at, title)

    def _box(self, item: str) -> tuple[float, float, float]:
        layer, height = self._places[item]
        width = 2 * PAD + CHARACTER * len(item)
        left = self._lefts[layer] + (self._widths[layer] - width) / 2
        return left, self._middle + ROW * height - BOX / 2, width

    def _path(self, held: str, lock: str) -> tuple[str, Point]:
        x0, y0, width0 = self._box(held)
        x1, y1, _ = self._box(lock)
        if held == lock:
            x, y = x0 + width0 - 16, y0
            return f"M{x:.1f} {y:.1f}c-2 -26 30 -26 16 6", (x + 6, y - 22)
        if (held, lock) in self.layout.turned:
            return self._way_around((x0 + width0, y0 + BOX / 2), (x1, y1 + BOX / 2), held, lock)
        points = [(x0 + width0, y0 + BOX / 2)]
        for item in self._bends(held, lock):
            layer, height = self._places[item]
            y = self._middle + ROW * height
            points += [(self._lefts[layer], y), (self._lefts[layer] + self._widths[layer], y)]
        points.append((x1, y1 + BOX / 2))
        path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
        for (xa, ya), (xb, yb) in pairwise(points):
            reach = (xb - xa) / 2
            path += f"C{xa + reach:.1f} {ya:.1f} {xb - reach:.1f} {yb:.1f} {xb:.1f} {yb:.1f}"
        (xa, ya), (xb, yb) = points[0], points[1]
        return path, ((xa + xb) / 2, (ya + yb) / 2 - 5)

    def _way_around(self, start: Point, end: Point, held: str, lock: str) -> tuple[str, Point]:
        """Down between two layers, below everything from right to left, and up again.

        Each such edge has its own way, beside those before.
        """
        tallest = max(len(layer) for layer in self.layout.layers)
        aside = 14 + 6 * (self._around % 4)
        y = ROW * tallest + 34 + LOWER * self._around
        self._around += 1
        first, last = self._places[held][0], self._places[lock][0]
        right = self._lefts[first] + self._widths[first] + aside
        left = self._lefts[last] - aside
        (xa, ya), (xb, yb) = start, end
        r = 9
        path = (
            f"M{xa:.1f} {ya:.1f}H{right - r:.1f}q{r} 0 {r} {r}V{y - r:.1f}q0 {r} {-r} {r}"
            f"H{left + r:.1f}q{-r} 0 {-r} {-r}V{yb + r:.1f}q0 {-r} {r} {-r}H{xb:.1f}"
        )
        return path, ((right + left) / 2, y - 4)

    def _bends(self, held: str, lock: str) -> list[Item]:
        first, last = self._places[held][0], self._places[lock][0]
        return [(held, lock, layer) for layer in range(first + 1, last)]
