"""A directed walk: it holds threads back where a prediction says that they will wait.

P. Joshi, C.-S. Park, K. Sen, M. Naik: A Randomized Dynamic Program Analysis Technique for
Detecting Real Deadlocks (DeadlockFuzzer), PLDI 2009: threads run at random, and one that has
what the prediction says and asks for what it says is paused, until all are there or nobody
else can run. Besides, where a handler has to come, its signal is sent to the thread while it has
what it is to have then, sooner in some runs than in others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from emu.search.calibration import Calibration
from emu.search.draw import below, geometric
from emu.search.walk import RandomWalk

if TYPE_CHECKING:
    from emu.engine.thread import Thread

RARE: Final = 6
"""A thread that holds what it is to have is interrupted after about 2, 4, … or 2**6 chances."""

RARER: Final = 10
"""One that need not hold anything, after about 2, 4, … or 2**10."""


class Want(NamedTuple):
    """A thread holds one lock and asks for another.

    With `entries` it does so in handlers: those of the chaos plan that bring them, the first to
    where it holds `below`, each other one in the handler of the one before.
    """

    holds: str
    lock: str
    below: frozenset[str] = frozenset()
    entries: tuple[int, ...] = ()


class Directed(RandomWalk):
    """A random walk that waits for `wants` to come true together."""

    def __init__(self, seed: int, calibration: Calibration, wants: Sequence[Want]) -> None:
        super().__init__(seed, calibration)
        self._wants = tuple(wants)
        self._interrupts = tuple(one for one in wants if one.entries)
        self._ours = {entry for one in wants for entry in one.entries}
        self._quiet = bool(self._ours) and below(self.rng, 2) == 0
        self._patience = [self._chances(one) for one in self._interrupts]

    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        """Any that is not to be held back; all, if that leaves nobody."""
        free = [at for at, thread in enumerate(runnable) if not self._there(thread)]
        if not free:
            return super().thread(step, runnable, here)
        return (free[below(self.rng, len(free))] - here) % len(runnable)

    def chaos(self, step: int, entries: tuple[int, ...]) -> int:
        """Interrupt who is to be interrupted; else act as any strategy does, or not at all.

        What is there to interrupt is used for nothing else.
        """
        usual = super().chaos(step, entries)
        for number, want in enumerate(self._interrupts):
            entry = self._entry(want)
            if entry in entries:
                self._patience[number] -= 1
                if self._patience[number] <= 0:
                    self._patience[number] = self._chances(want)
                    return 1 + entries.index(entry)
        if self._quiet or (usual and entries[usual - 1] in self._ours):
            return 0
        return usual

    def _chances(self, want: Want) -> int:
        """At which of the chances from here on a thread is interrupted."""
        exponent = 1 + below(self.rng, RARE if want.below else RARER)
        return geometric(self.rng, 2.0**-exponent)

    def _entry(self, want: Want) -> int:
        """The entry that has to act on the running thread, as far as `want` goes; -1: none."""
        thread = self.machine.current
        if thread.depth >= len(want.entries) or not want.below <= _held(thread):
            return -1
        return want.entries[thread.depth]

    def _there(self, thread: Thread) -> bool:
        """Whether `thread` is about to wait where the prediction says."""
        held = _held(thread)
        return any(thread.target == one.lock and one.holds in held for one in self._wants)


def _held(thread: Thread) -> set[str]:
    return {one.name for one in thread.holds}
