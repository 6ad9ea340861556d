"""Dynamic partial-order reduction: one schedule of every order that is not like another.

P. Abdulla, S. Aronis, B. Jonsson, K. Sagonas: Optimal Dynamic Partial Order Reduction, POPL
2014 (the algorithm with source sets); sleep sets are those of P. Godefroid (1996), the idea of
reversing the races of a run is that of C. Flanagan, P. Godefroid, POPL 2005.

Depth first. Every run is looked over for races; where the second of two that race was not
tried first, some thread that begins to bring it about is tried at the choice before the first.
A thread that was tried sleeps while the others are, until something depends on what it did.

Where we depart:

- Threads are not all that is chosen. Every option of every other choice (chaos, timers,
  waiters, the scenario's own) is tried; what was chosen belongs to the transition it came in.
- A run may end while threads could go on. Its last transition then depends on everything.
- While a timer is pending, and while chaos may act on more than the thread at hand, every two
  transitions depend on each other: nothing is reduced there.
"""

from __future__ import annotations

from collections.abc import Sequence

from emu.search.footprint import Footprint
from emu.search.orders import Orders
from emu.search.trail import Trail
from emu.search.transition import Point, Sleep, Transition


class _Node:
    """One choice on the current path, with what was tried there and what is to be."""

    __slots__ = ("done", "point", "wanted")

    def __init__(self, point: Point) -> None:
        self.point = point
        self.done: Sleep = {}
        self.wanted: list[int] = []

    def next(self) -> int | None:
        """The next option to try; None if there is no need of any."""
        point = self.point
        if point.kind != "thread":
            return point.taken + 1 if point.taken + 1 < point.options else None
        for thread in self.wanted:
            if thread not in self.done and thread not in point.sleep:
                return point.threads.index(thread)
        return None


class Reduction:
    """Which run is next: `prefix` and `sleep` drive it, `learn` looks it over."""

    cost = 0
    states = None

    def __init__(self) -> None:
        self.prefix: list[int] = []
        self.sleep: Sleep = {}
        self._path: list[_Node] = []

    def learn(self, trail: Trail) -> None:
        """Take up the run that `prefix` has given."""
        kept = len(self._path)
        begin = self._path[-1].point.index if kept else 0
        self._path.extend(_Node(point) for point in trail.points[kept:])
        orders = Orders(trail.transitions)
        for first, second in orders.races(begin):
            self._reverse(orders, first, second)
        for pending in trail.pending:
            for first, second in orders.pending(pending):
                self._reverse(orders, first, second)
        if trail.premature:
            last = trail.transitions[-1]
            last.wide = True
            self._let_others(last)
        for number in range(begin, len(trail.transitions)):
            self._tried(trail.transitions[number])

    def advance(self) -> bool:
        """Go to the deepest choice with an option to try; gives whether there is one."""
        while self._path:
            node = self._path[-1]
            option = node.next()
            if option is not None:
                node.point.taken = option
                self.prefix = [one.point.taken for one in self._path]
                self.sleep = {**node.point.sleep, **node.done}
                if node.point.kind == "thread":
                    node.done[node.point.threads[option]] = Footprint("")
                return True
            self._path.pop()
        return False

    def _tried(self, transition: Transition) -> None:
        if transition.point is None:
            return
        node = self._path[transition.point]
        known = node.done.get(transition.thread)
        if known is None or not known.name:
            made = Footprint(transition.name)
            if known is not None:
                made.merge(known)
            node.done[transition.thread] = known = made
        known.merge(transition)

    def _reverse(self, orders: Orders, first: int, second: int) -> None:
        """Try, before `first`, what brings `second` about without it."""
        transitions = orders.transitions
        apart = [k for k in range(first + 1, second) if not orders.happens_before(first, k)]
        apart.append(second)
        initials: list[int] = []
        seen: list[int] = []
        for place, number in enumerate(apart):
            thread = transitions[number].thread
            if thread in seen:
                continue
            seen.append(thread)
            if not any(orders.happens_before(one, number) for one in apart[:place]):
                initials.append(thread)
        self._want(transitions[first], initials)

    def _want(self, first: Transition, initials: Sequence[int]) -> None:
        """Try one of these threads before `first`, unless one of them was or need not be."""
        if first.point is None:
            return
        node = self._path[first.point]
        point = node.point
        if any(t in node.done or t in node.wanted or t in point.sleep for t in initials):
            return
        able = [thread for thread in initials if thread in point.threads]
        node.wanted.extend(able[:1] or [t for t in point.threads if t not in node.wanted])

    def _let_others(self, last: Transition) -> None:
        if last.point is not None:
            node = self._path[last.point]
            node.wanted.extend(t for t in node.point.threads if t not in node.wanted)
