"""Bursts: a thread gets a run of turns, then any other does.

The turns of one burst are geometric; their mean is drawn per run, from 2 to about the length
of a run, so that fine and coarse interleavings both turn up. Between a random walk, which
rarely lets a thread get far ahead, and PCT, which rarely lets one be interrupted twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from emu.search.calibration import Calibration
from emu.search.draw import below, geometric
from emu.search.strategy import Strategy

if TYPE_CHECKING:
    from emu.engine.thread import Thread

FIRST_HORIZON: Final = 16
"""The longest mean of a burst as long as no run was measured."""


class Bursts(Strategy):
    """Lets a thread run for a geometric number of steps, then picks one uniformly."""

    quiet_until = 0

    def __init__(self, seed: int, calibration: Calibration) -> None:
        super().__init__(seed, calibration)
        exponents = (calibration.horizon or FIRST_HORIZON).bit_length() - 1
        self._rate = 2.0 ** -(1 + below(self.rng, max(1, exponents)))

    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        """The same thread until its burst is over or it cannot go on, then any."""
        if step < self.quiet_until and runnable[here] is self.machine.current:
            return 0
        self.quiet_until = step + geometric(self.rng, self._rate)
        return below(self.rng, len(runnable))
