"""PCT, probabilistic concurrency testing: random priorities, few changes.

S. Burckhardt, P. Kothari, M. Musuvathi, S. Nagarakatte: A Randomized Scheduler with
Probabilistic Guarantees of Finding Bugs, ASPLOS 2010. The thread of highest priority runs;
at `depth` - 1 steps, drawn at random, the thread about to run drops below all others. A bug
that needs `depth` ordering constraints is found with probability at least
1 / (n k ** (depth - 1)) in a run of n threads and k steps.

Where we depart:

- Priorities are random numbers, drawn when a thread is first seen: n need not be known.
- k is not given: it is the longest of the runs before (`Calibration.horizon`), in decisions
  about who runs. A run without one before has no change points, and so measures.
- Change points are distinct, and each drops its thread below those dropped before it, where
  the paper draws the order of the dropped ones too. So from depth 3 on the bound holds for
  bugs whose later drop is the lower one.
- `yield_now` drops a thread for good, in the same order: a thread that polls must not starve
  the one that it polls for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emu.engine.clock import NEVER
from emu.search.calibration import Calibration
from emu.search.draw import distinct
from emu.search.strategy import Strategy

if TYPE_CHECKING:
    from emu.engine.thread import Thread


class Pct(Strategy):
    """Runs the thread of highest priority; `depth` is the number of constraints it aims at."""

    def __init__(self, seed: int, calibration: Calibration, depth: int) -> None:
        super().__init__(seed, calibration)
        self._priority: list[float] = []  # by thread number; dropped threads below 0
        self._lowest = 0.0
        self._changes = distinct(self.rng, depth - 1, calibration.horizon)
        self._changes.reverse()
        self.quiet_until = self._changes[-1] if self._changes else NEVER

    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        """The thread of highest priority, after the changes that are due."""
        while len(self._priority) <= runnable[-1].id:
            self._priority.append(self.rng.random())
        best = self._best(runnable)
        if step >= self.quiet_until and self._changes_at(step, runnable[best]):
            best = self._best(runnable)
        return (best - here) % len(runnable)

    def alone(self, step: int, thread: Thread) -> None:
        """It drops all the same, if a change is due: it may have company soon."""
        if step >= self.quiet_until:
            while len(self._priority) <= thread.id:
                self._priority.append(self.rng.random())
            self._changes_at(step, thread)

    def _changes_at(self, step: int, thread: Thread) -> bool:
        """Drop `thread`, which is about to run, if a change is due; gives whether it was."""
        unasked = self.machine.unasked
        due = bool(self._changes) and step - unasked >= self._changes[-1]
        if due:
            self._drop(thread)
            self._changes.pop()
        self.quiet_until = self._changes[-1] + unasked if self._changes else NEVER
        return due

    def yielded(self, thread: Thread) -> None:
        """A thread that polls drops below all others."""
        while len(self._priority) <= thread.id:
            self._priority.append(self.rng.random())
        self._drop(thread)

    def _drop(self, thread: Thread) -> None:
        self._lowest -= 1.0
        self._priority[thread.id] = self._lowest

    def _best(self, runnable: Sequence[Thread]) -> int:
        priorities = [self._priority[thread.id] for thread in runnable]
        return priorities.index(max(priorities))
