"""Dynamic partial-order reduction: one schedule of every order that is not like another.

P. Abdulla, S. Aronis, B. Jonsson, K. Sagonas: Optimal Dynamic Partial Order Reduction, POPL
2014 (the algorithm with source sets); sleep sets are those of P. Godefroid (1996), the idea of
reversing the races of a run is that of C. Flanagan, P. Godefroid, POPL 2005.

Every run is looked over for races; where the second of two that race was not tried first, some
thread that begins to bring it about is tried at the choice before the first. A thread that was
tried sleeps while the others are, until something depends on what it did.

Where we depart:

- Not depth first, but in order of preemptions: what is to be tried waits for its turn, and those
  of fewest preemptions come first, the deepest of them before the others. The proof asks for no
  order of the subtrees, only that each is gone through in the end, and that a thread sleeps at
  a choice where it was tried before; but all that its transition may touch must be known by
  then, or it does not sleep.
- Threads are not all that is chosen. Every option of every other choice (chaos, timers,
  waiters, the scenario's own) is tried; what was chosen belongs to the transition it came in.
- A run may end while threads could go on. Its last transition then depends on everything.
- While a timer is pending, and while chaos may act on more than the thread at hand, every two
  transitions depend on each other: nothing is reduced there.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Final

from emu.search.footprint import Footprint
from emu.search.orders import Orders
from emu.search.trail import Trail
from emu.search.transition import Point, Sleep, Transition

MOST: Final = 50_000
"""While so many turns wait, what is new is tried depth first, so that they do not grow."""


class _Node:
    """One choice in the tree of runs, with what was tried there and what is to be.

    `parent` is the choice before it, of which option `via` leads here; so many preemptions
    `cost` the way. `partial` counts, for threads that were tried, options untried within what
    they do here.
    """

    __slots__ = ("cost", "depth", "done", "owner", "parent", "partial", "point", "via", "wanted")

    def __init__(self, point: Point, parent: _Node | None, cost: int) -> None:
        self.point = point
        self.parent = parent
        self.via = 0 if parent is None else parent.point.taken
        self.cost = cost
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.done: Sleep = {}
        self.owner: tuple[_Node, int] | None = None
        self.wanted: list[int] = []
        self.partial: dict[int, int] = {}

    def preemptions(self, option: int) -> int:
        """What the way costs with `option` here."""
        point = self.point
        return self.cost + int(point.kind == "thread" and option != 0 and not point.free)


class Reduction:
    """Which run is next: `prefix` and `sleep` drive it, `learn` looks it over."""

    cost = 0
    states = None

    def __init__(self) -> None:
        self.prefix: list[int] = []
        self.sleep: Sleep = {}
        self._path: list[_Node] = []
        self._turns: list[tuple[int, int, int, int, _Node]] = []
        self._drawn = 0
        self._level = 0
        self._owner: tuple[_Node, int] | None = None

    def learn(self, trail: Trail) -> None:
        """Take up the run that `prefix` has given."""
        path = self._path
        begin = path[-1].point.index if path else 0
        for point in trail.points[len(path) :]:
            parent = path[-1] if path else None
            cost = parent.preemptions(parent.point.taken) if parent is not None else 0
            node = _Node(point, parent, cost)
            if point.kind == "thread":
                node.done[point.threads[point.taken]] = Footprint("")
            path.append(node)
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
        for node in path[len(self.prefix) :]:
            if node.point.kind != "thread":
                self._vary(node, trail.transitions[node.point.index])
        if self._owner is not None:
            node, thread = self._owner
            node.partial[thread] -= 1

    def advance(self) -> bool:
        """Go to the next turn, one of fewest preemptions; gives whether there is one."""
        if not self._turns:
            return False
        cost, _, _, option, node = heappop(self._turns)
        self._level = max(self._level, cost)
        point = node.point
        point.taken = option
        self._owner = node.owner
        self._path = _way(node)
        self.prefix = [one.point.taken for one in self._path]
        asleep = {t: foot for t, foot in node.done.items() if not node.partial.get(t)}
        self.sleep = {**point.sleep, **asleep}
        if point.kind == "thread":
            node.done[point.threads[option]] = Footprint("")
        return True

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
        self._add(node, able[:1] or point.threads)

    def _let_others(self, last: Transition) -> None:
        if last.point is not None:
            node = self._path[last.point]
            self._add(node, node.point.threads)

    def _add(self, node: _Node, threads: Sequence[int]) -> None:
        """Let each of `threads` have its turn at `node`, unless it had it or need not."""
        point = node.point
        for thread in threads:
            if thread not in node.done and thread not in node.wanted and thread not in point.sleep:
                node.wanted.append(thread)
                self._wait(node, point.threads.index(thread))

    def _vary(self, node: _Node, within: Transition) -> None:
        """Let every other option of a choice that is not about threads have its turn."""
        others = node.point.options - 1
        if within.point is not None:
            node.owner = owner, thread = self._path[within.point], within.thread
            owner.partial[thread] = owner.partial.get(thread, 0) + others
        for option in range(1, others + 1):
            self._wait(node, option)

    def _wait(self, node: _Node, option: int) -> None:
        cost = node.preemptions(option)
        if len(self._turns) >= MOST:
            cost = min(cost, self._level)
        self._drawn += 1
        heappush(self._turns, (cost, -node.depth, self._drawn, option, node))


def _way(node: _Node) -> list[_Node]:
    """The choices from the first to `node`, set to the options that lead there."""
    way = [node]
    while node.parent is not None:
        node.parent.point.taken = node.via
        node = node.parent
        way.append(node)
    way.reverse()
    return way
