"""A directed walk: it holds threads back where a prediction says that they will wait.

P. Joshi, C.-S. Park, K. Sen, M. Naik: A Randomized Dynamic Program Analysis Technique for
Detecting Real Deadlocks (DeadlockFuzzer), PLDI 2009: threads run at random, and one that has
what the prediction says and asks for what it says is paused, until all are there or nobody
else can run. Besides, where a handler has to come while a lock is held, chaos acts there as
often as not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from emu.search.calibration import Calibration
from emu.search.draw import below
from emu.search.walk import RandomWalk

if TYPE_CHECKING:
    from emu.engine.thread import Thread


class Want(NamedTuple):
    """A thread holds one lock and asks for another; `interrupted`: in a handler."""

    holds: str
    lock: str
    interrupted: bool


class Directed(RandomWalk):
    """A random walk that waits for `wants` to come true together."""

    def __init__(self, seed: int, calibration: Calibration, wants: Sequence[Want]) -> None:
        super().__init__(seed, calibration)
        self._wants = tuple(wants)
        self._regions = {one.holds for one in wants if one.interrupted}

    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        """Any that is not to be held back; all, if that leaves nobody."""
        free = [at for at, thread in enumerate(runnable) if not self._there(thread)]
        if not free:
            return super().thread(step, runnable, here)
        return (free[below(self.rng, len(free))] - here) % len(runnable)

    def chaos(self, step: int, entries: tuple[int, ...]) -> int:
        """Act in a region in every second step, elsewhere as any strategy does."""
        usual = super().chaos(step, entries)
        if not _held(self.machine.current).isdisjoint(self._regions):
            return below(self.rng, 2) and 1 + below(self.rng, len(entries))
        return 0 if self._regions else usual

    def _there(self, thread: Thread) -> bool:
        """Whether `thread` is about to wait where the prediction says."""
        held = _held(thread)
        return any(thread.target == one.lock and one.holds in held for one in self._wants)


def _held(thread: Thread) -> set[str]:
    return {one.name for one in thread.holds}
