"""The races of one run: which two transitions come one after the other by this schedule alone.

Vector clocks over transitions (Mattern, 1989). A transition comes after the one before of its
thread, after what caused it (what spawned or woke it), and after every earlier one that it
depends on. Two of different threads race if they depend on each other and nothing in between
orders them: the second could have come first.

The release of a lock and the acquisition after it are ordered, but no race: the second could
not have come first, nor before anything else that was done with the lock held. Their race is
that of the two acquisitions. Nor does what made an operation possible race with it; so there
each of the transitions before it that it depends on is taken for a race.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from emu.search.transition import Transition

Clock = dict[int, int]


class Orders:
    """The happens-before order of the transitions of one run."""

    def __init__(self, transitions: Sequence[Transition]) -> None:
        self.transitions = list(transitions)
        self._clocks: list[Clock] = []
        self._place: list[int] = []
        self._count: dict[int, int] = {}
        self._latest: dict[int, Clock] = {}

    def happens_before(self, first: int, second: int) -> bool:
        """Whether transition `first` comes before `second`, in whatever schedule of this order."""
        thread = self.transitions[first].thread
        return self._clocks[second].get(thread, 0) >= self._place[first]

    def races(self, begin: int) -> Iterator[tuple[int, int]]:
        """Every race whose second transition is `begin` or later, in order."""
        for second in range(len(self.transitions)):
            found = self._next(second)
            if second >= begin:
                for first in found:
                    yield first, second

    def pending(self, pending: Transition) -> Iterator[tuple[int, int]]:
        """The races of one more transition that would come after all of these."""
        second = len(self.transitions)
        before = self._latest.get(pending.thread), self._count.get(pending.thread, 0)
        self.transitions.append(pending)
        for first in self._next(second):
            yield first, second
        self.transitions.pop()
        self._clocks.pop()
        self._place.pop()
        self._latest[pending.thread] = before[0] or {}
        self._count[pending.thread] = before[1]

    def _next(self, second: int) -> list[int]:
        transitions = self.transitions
        mine = transitions[second]
        thread = mine.thread
        clock = dict(self._latest.get(thread, {}))
        for cause in mine.after:
            _join(clock, self._clocks[cause])
        racing: list[int] = []
        ordered: list[int] = []
        barred = len(transitions)
        hidden = mine.enabled_by >= 0 and not mine.acquired
        for first in range(second - 1, -1, -1):
            other = transitions[first]
            if other.thread == thread or clock.get(other.thread, 0) >= self._place[first]:
                continue
            if not mine.depends(other):
                continue
            if first > barred:
                ordered.append(first)
                continue
            locks = other.released & mine.acquired
            if locks:
                ordered.append(first)
                barred = min(barred, self._acquisition(first, locks))
                continue
            if first != mine.enabled_by:
                racing.append(first)
            if hidden:
                ordered.append(first)
            else:
                _join(clock, self._clocks[first])
        for first in ordered:
            _join(clock, self._clocks[first])
        self._count[thread] = clock[thread] = self._count.get(thread, 0) + 1
        self._place.append(clock[thread])
        self._clocks.append(clock)
        self._latest[thread] = clock
        return racing

    def _acquisition(self, release: int, locks: set[str]) -> int:
        """Where the thread that released one of `locks` acquired it; there, if nowhere."""
        thread = self.transitions[release].thread
        for number in range(release, -1, -1):
            one = self.transitions[number]
            if one.thread == thread and not locks.isdisjoint(one.took):
                return number
        return release


def _join(clock: Clock, other: Clock) -> None:
    for thread, count in other.items():
        if clock.get(thread, 0) < count:
            clock[thread] = count
