"""The random walk: at every checkpoint any runnable thread, each as likely as the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emu.search.calibration import Calibration
from emu.search.counted import Counted

if TYPE_CHECKING:
    from emu.engine.thread import Thread


class RandomWalk(Counted):
    """Uniform over the runnable threads, at every step."""

    def __init__(self, seed: int, calibration: Calibration) -> None:
        super().__init__(seed, calibration)
        self._bits = self.rng.getrandbits

    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        """Uniform; `below`, written out because nothing is asked more often."""
        return self._bits(32) * len(runnable) >> 32
