"""Where the nodes of a directed graph are drawn: in layers from left to right.

K. Sugiyama, S. Tagawa, M. Toda: Methods for Visual Understanding of Hierarchical System
Structures, 1981, in its plain form. Edges that close a circle are turned, layers are longest
paths, edges over several layers get a bend in each, and within a layer everything goes to the
middle of its neighbours, a few times to and fro. Nothing but names and edges counts, so the same
graph is drawn the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

SWEEPS: Final = 6
"""How often all layers are put in order."""

Edge = tuple[str, str]
Bend = tuple[str, str, int]
"""The bend of an edge in a layer."""

Item = str | Bend


@dataclass(frozen=True, slots=True)
class Layout:
    """Layers from left to right, each from top to bottom, with bends between the nodes.

    `turned` are the edges that go from right to left, or stay in their layer.
    """

    layers: tuple[tuple[Item, ...], ...]
    turned: frozenset[Edge]

    def places(self) -> dict[Item, tuple[int, float]]:
        """Layer and height of everything; heights are symmetrical to 0, 1 apart."""
        return {
            item: (number, at - (len(layer) - 1) / 2)
            for number, layer in enumerate(self.layers)
            for at, item in enumerate(layer)
        }


def lay_out(nodes: Iterable[str], edges: Iterable[Edge]) -> Layout:
    """The layout of a graph; an edge from a node to itself has no say in it."""
    names = sorted(set(nodes))
    pairs = sorted({(one, other) for one, other in edges if one != other})
    turned = _closing(names, pairs)
    forward = sorted({(b, a) if (a, b) in turned else (a, b) for a, b in pairs})
    depth = _depths(names, forward)
    layers: list[list[Item]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for name in names:
        layers[depth[name]].append(name)
    links: list[tuple[Item, Item]] = []
    for one, other in forward:
        bends: list[Item] = []
        if (one, other) in pairs:  # one that is only turned goes its own way around
            bends = [(one, other, at) for at in range(depth[one] + 1, depth[other])]
        for at, bend in enumerate(bends, start=depth[one] + 1):
            layers[at].append(bend)
        links += pairwise([one, *bends, other]) if bends or depth[other] - depth[one] == 1 else []
    return Layout(_ordered(layers, links), frozenset(turned))


def _closing(names: Sequence[str], edges: Sequence[Edge]) -> set[Edge]:
    """The edges that close a circle in a walk through the graph that goes deep first."""
    after: dict[str, list[str]] = {name: [] for name in names}
    for one, other in edges:
        after[one].append(other)
    closing: set[Edge] = set()
    done: set[str] = set()
    for root in names:
        path: dict[str, None] = {}
        todo: list[tuple[str, bool]] = [(root, False)]
        while todo:
            name, leaving = todo.pop()
            if leaving:
                del path[name]
                done.add(name)
            elif name not in done and name not in path:
                path[name] = None
                todo.append((name, True))
                for other in reversed(after[name]):
                    if other in path:
                        closing.add((name, other))
                    else:
                        todo.append((other, False))
    return closing


def _depths(names: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """The longest way to each node, by edges without a circle."""
    depth = dict.fromkeys(names, 0)
    for _ in names:
        moved = False
        for one, other in edges:
            if depth[other] <= depth[one]:
                depth[other] = depth[one] + 1
                moved = True
        if not moved:
            break
    return depth


def _ordered(
    layers: list[list[Item]], links: Sequence[tuple[Item, Item]]
) -> tuple[tuple[Item, ...], ...]:
    left: dict[Item, list[Item]] = {}
    right: dict[Item, list[Item]] = {}
    for one, other in links:
        right.setdefault(one, []).append(other)
        left.setdefault(other, []).append(one)
    for sweep in range(SWEEPS):
        near = right if sweep % 2 else left
        order = range(len(layers) - 2, -1, -1) if sweep % 2 else range(1, len(layers))
        for at in order:
            beside = layers[at + 1] if sweep % 2 else layers[at - 1]
            height = {item: y - len(beside) / 2 for y, item in enumerate(beside)}
            here = {item: y - len(layers[at]) / 2 for y, item in enumerate(layers[at])}
            layers[at].sort(key=lambda item: _middle(near.get(item, []), height, here[item]))
    return tuple(map(tuple, layers))


def _middle(items: Sequence[Item], height: dict[Item, float], otherwise: float) -> float:
    """The mean height of its neighbours, as far as they are beside it."""
    known = [height[item] for item in items if item in height]
    return sum(known) / len(known) if known else otherwise
