"""URW, the uniform random walk: a thread is picked by the events that it has left.

H. Zhao, D. Wolff, U. Mathur, A. Roychoudhury: Selectively Uniform Concurrency Testing,
ASPLOS 2025. A random walk favours interleavings in which short threads come early. One that
picks each thread with a chance proportional to its remaining events gives every interleaving
of threads that do not wait for each other the same chance. Events of threads that are not
yet there count for the thread that will start them.

Where we depart:

- The counts are not given: they are the means of the runs before (`Calibration.census`). A run
  without one before is a random walk, and so is what nothing is known of: one event is left.
- A thread that has used up its estimate keeps one event, so that it can be picked at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emu.search.calibration import Calibration
from emu.search.counted import Counted
from emu.search.draw import weighted

if TYPE_CHECKING:
    from emu.engine.machine import Machine
    from emu.engine.thread import Thread


class UniformWalk(Counted):
    """Picks a runnable thread with the weight of its remaining events."""

    least = 1

    def __init__(self, seed: int, calibration: Calibration) -> None:
        super().__init__(seed, calibration)
        self.counts = True
        self._expected = calibration.census.expected()
        self._left: list[int] = []  # by thread number: with the event that it stands before
        self._stands: list[bool] = []  # before an event that counts
        self._read = 0

    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        """Any, by the events that each has left."""
        self._account()
        left = self._left
        option = weighted(self.rng, [left[thread.id] for thread in runnable])
        return (option - here) % len(runnable)

    def start(self, machine: Machine) -> None:
        """The main thread is there."""
        super().start(machine)
        self.born(machine.threads[0])

    def born(self, thread: Thread) -> None:
        """What it is expected to do is no longer expected of its parent."""
        self._left.append(max(self.least, self._expected.get(thread.name, 0)))
        self._stands.append(False)

    def spawned(self, parent: Thread, child: Thread) -> None:
        """`parent` has started `child`."""
        super().spawned(parent, child)
        self.born(child)
        expected = self._expected.get(child.name, 0)
        if parent.id >= 0:
            self._left[parent.id] = max(self.least, self._left[parent.id] - expected)

    def counted(self, target: str) -> bool:
        """Whether an event done to `target` counts."""
        return True

    def _account(self) -> None:
        """Count what has happened: a thread that comes to an event has done the one before."""
        trail, left, stands = self.trail, self._left, self._stands
        for at in range(self._read, len(trail)):
            thread, _, target = trail[at]
            number = thread.id
            if stands[number] and left[number] > self.least:
                left[number] -= 1
            stands[number] = self.counted(target)
        self._read = len(trail)
