"""The behaviours of any number of runs, in room that does not grow.

P. B. Gibbons: Distinct Sampling for Highly-Accurate Answers to Distinct Values Queries and Event
Reports, VLDB 2001. Only behaviours whose fingerprint ends in so many zero bits are kept, each
with its exact count; when there are too many, one more bit must be zero. What is kept depends
on the runs alone and not on their order.
"""

from __future__ import annotations

from typing import Final

from emu.analysis.coverage import Estimate

ROOM: Final = 1_024
"""How many behaviours are kept: distinct ones are then estimated to about 3 per cent."""


class BehaviourSample:
    """A sample of the behaviours of the runs so far; all of them, as long as there is room."""

    def __init__(self, runs: int = 0, level: int = 0, counts: dict[int, int] | None = None) -> None:
        self.runs = runs
        self.level = level
        self.counts = {} if counts is None else counts
        self._once = sum(count == 1 for count in self.counts.values())
        self._twice = sum(count == 2 for count in self.counts.values())

    def add(self, behaviour: int) -> None:
        """One more run, with this fingerprint."""
        self.runs += 1
        if behaviour & ((1 << self.level) - 1):
            return
        count = self.counts.get(behaviour, 0) + 1
        self.counts[behaviour] = count
        self._once += (count == 1) - (count == 2)
        self._twice += (count == 2) - (count == 3)
        while len(self.counts) > ROOM:
            self._thin()

    @property
    def estimate(self) -> Estimate:
        """What is known by now, of all behaviours."""
        level = self.level
        return Estimate(
            self.runs, len(self.counts) << level, self._once << level, self._twice << level
        )

    def _thin(self) -> None:
        self.level += 1
        mask = (1 << self.level) - 1
        self.counts = {one: count for one, count in self.counts.items() if not one & mask}
        self._once = sum(count == 1 for count in self.counts.values())
        self._twice = sum(count == 2 for count in self.counts.values())
