"""Iterative context bounding: every schedule with no preemption, then with one, with two.

M. Musuvathi, S. Qadeer: Iterative Context Bounding for Systematic Testing of Multithreaded
Programs, PLDI 2007. Most bugs need few preemptions, and there are few schedules that have few.
A switch away from a thread that cannot go on is free, and so is every choice that is not about
who runs; a preemption, an injection and a timer that fires early cost one each.

Each run begins as an earlier one and takes another option at one choice; what it does not cost
more than the bound at hand waits for its turn there. Turns are taken from the beginning, the
middle and the end in turn, so that early and late choices vary alike, where a depth-first search
would vary the late ones first for as long as its budget lasts.

The reduction is one that a bound does not break (K. Coons, M. Musuvathi, K. McKinley: Bounded
Partial-Order Reduction, OOPSLA 2013, show that plain ones do break): a thread is preempted
only before an operation that depends on something that another thread does in *some* run so
far. For take a schedule of which a preemption stands before an operation that depends on
nothing until that thread goes on. Doing the operation before the preemption gives a schedule of
the same order, which costs no more. Doing so as often as possible leaves only preemptions of
which something depends; and the schedule that goes on as if not preempted, until that something
comes, is one that this search makes earlier. A preemption that was held back is taken up when
such an operation turns up later.
"""

from __future__ import annotations

from emu.search.footprint import Footprint
from emu.search.trail import Trail
from emu.search.transition import NO_SLEEP, Sleep

Turn = tuple[bytes | tuple[int, ...], int, int]
"""The options of a run, a choice in it, and another option there."""


class Bounded:
    """Which run is next, as `Reduction` has it; `bound` is None for none.

    `level` is the cost of the runs at hand, `beyond` says that the bound left some out.
    """

    def __init__(self, bound: int | None, *, reduce: bool) -> None:
        self.prefix: list[int] = []
        self.sleep: Sleep = NO_SLEEP
        self.bound = bound
        self.level = 0
        self.beyond = False
        self._reduce = reduce
        self._waiting: dict[int, list[Turn]] = {}
        self._held: dict[tuple[str, ...], tuple[Footprint, list[tuple[int, Turn]]]] = {}
        self._known: dict[str, Footprint] = {}
        self.cost = 0
        self.states: dict[int, int] | None = {} if reduce else None
        self._drawn = 0

    def learn(self, trail: Trail) -> None:
        """Take up the run that `prefix` has given: every other option after the prefix waits."""
        points = trail.points
        if trail.premature:
            trail.transitions[-1].wide = True
        options = [point.taken for point in points]
        taken = bytes(options) if max(options, default=0) < 256 else tuple(options)
        for transition in trail.transitions[self._new_from(trail) :]:
            self._meet(transition)
        for number in range(len(self.prefix), len(points)):
            point = points[number]
            for option in range(1, point.options):
                cost = self.cost + point.cost(option)
                if self.bound is not None and cost > self.bound:
                    self.beyond = True
                    continue
                turn = (taken, number, option)
                if self._reduce and point.kind == "thread" and cost > self.cost:
                    self._hold(trail.transitions[point.index], cost, turn)
                else:
                    self._waiting.setdefault(cost, []).append(turn)

    def advance(self) -> bool:
        """Go to the next turn of the lowest cost; gives whether there is one."""
        costs = [cost for cost, turns in self._waiting.items() if turns]
        if not costs:
            return False
        self.cost = min(costs)
        self.level = max(self.level, self.cost)
        turns = self._waiting[self.cost]
        self._drawn += 1
        index = (0, len(turns) // 2, len(turns) - 1)[self._drawn % 3]
        turns[index], turns[-1] = turns[-1], turns[index]
        taken, number, option = turns.pop()
        self.prefix = [*taken[:number], option]
        return True

    def _new_from(self, trail: Trail) -> int:
        last = len(self.prefix) - 1
        return trail.points[last].index if 0 <= last < len(trail.points) else 0

    def _meet(self, transition: Footprint) -> None:
        """Remember what this thread does, and let go the preemptions that it may depend on."""
        known = self._known.get(transition.name)
        if known is None:
            known = self._known[transition.name] = Footprint(transition.name)
        elif (
            transition.writes <= known.writes
            and transition.reads <= known.reads
            and (known.wide or not transition.wide)
        ):
            return
        known.merge(transition)
        for key, (before, turns) in list(self._held.items()):
            if before.name != known.name and before.depends(known):
                del self._held[key]
                for cost, turn in turns:
                    self._waiting.setdefault(cost, []).append(turn)

    def _hold(self, before: Footprint, cost: int, turn: Turn) -> None:
        """Preempting before `before` waits for its turn, or until something depends on it."""
        others = (known for name, known in self._known.items() if name != before.name)
        if any(before.depends(known) for known in others):
            self._waiting.setdefault(cost, []).append(turn)
            return
        key = (before.name, *sorted(before.reads), "writes", *sorted(before.writes))
        if key not in self._held:
            self._held[key] = (before, [])
        self._held[key][1].append((cost, turn))
