"""POS, partial order sampling: random priorities of events, drawn anew where they race.

X. Yuan, J. Yang, R. Gu: Partial Order Aware Concurrency Sampling, CAV 2018. Every event that
a thread is about to do has a random priority, and the highest is done. An event that races
with the one just done (on one thing, and one of the two changes it) is given a new priority:
it has lost once, and would otherwise be likely to lose again. So orders of events that
depend on each other are sampled more evenly than schedules are.

Where we depart:

- Which events race is told by operation and target (`dependence.races`): one without a target
  races with nothing.
- What a thread begins with is known from the runs before. A run without one before takes it
  that the first event of a thread races with nothing.
- `yield_now` gives a thread a priority below all others, in falling order, until it is picked
  again: what polls must not starve what it polls for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emu.search.calibration import Calibration
from emu.search.counted import Counted
from emu.search.dependence import races

if TYPE_CHECKING:
    from emu.engine.thread import Thread


class PartialOrder(Counted):
    """Runs the thread whose next event has the highest priority."""

    def __init__(self, seed: int, calibration: Calibration) -> None:
        super().__init__(seed, calibration)
        self._first = calibration.census.first
        self._priority: list[float] = []  # by thread number, of the event it is about to do
        self._lowest = 0.0

    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        """The event of highest priority; draws those anew that race with it."""
        priority = self._priority
        while len(priority) <= runnable[-1].id:
            priority.append(self.rng.random())
        ranks = [priority[thread.id] for thread in runnable]
        best = ranks.index(max(ranks))
        chosen = runnable[best]
        operation, target = self._about(chosen)
        if target:
            for thread in runnable:
                if thread.target == target or thread.operation == "start":
                    other = self._about(thread)
                    if races(operation, target, *other) and priority[thread.id] >= 0.0:
                        priority[thread.id] = self.rng.random()
        priority[chosen.id] = self.rng.random()
        return (best - here) % len(runnable)

    def yielded(self, thread: Thread) -> None:
        """A thread that polls comes after all others."""
        while len(self._priority) <= thread.id:
            self._priority.append(self.rng.random())
        self._lowest -= 1.0
        self._priority[thread.id] = self._lowest

    def _about(self, thread: Thread) -> tuple[str, str]:
        """What `thread` is about to do, and to what."""
        if thread.operation == "start":
            return self._first.get(thread.name, ("", ""))
        return thread.operation, thread.target
