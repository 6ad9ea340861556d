"""A directed walk to a lost wake-up: it keeps a waiter from waiting until the news is over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emu.analysis.predict.wakeups import Wakeup
from emu.record.event import RawEvent
from emu.search.calibration import Calibration
from emu.search.draw import below
from emu.search.walk import RandomWalk

if TYPE_CHECKING:
    from emu.engine.thread import Thread

WAITS = ("cond_wait", "cond_timedwait", "wait")
"""The operations that wait for a condition."""


class Withheld(RandomWalk):
    """A random walk in which a waiter stands still where the news of `wakeup` comes too early.

    That is before it takes its mutex, or, if its look has to come first, before it waits. Of the
    times that it gets there every second one, at random, is that time.
    """

    def __init__(self, seed: int, calibration: Calibration, wakeup: Wakeup) -> None:
        super().__init__(seed, calibration)
        self._wakeup = wakeup
        self._there = False
        self._held = False
        self._read = 0

    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        """Anybody but the waiter while it stands still; all, if that leaves nobody."""
        free = [at for at, thread in enumerate(runnable) if not self._stands(thread)]
        if not free:
            return super().thread(step, runnable, here)
        return (free[below(self.rng, len(free))] - here) % len(runnable)

    def _stands(self, thread: Thread) -> bool:
        if thread.name != self._wakeup.waiter:
            return False
        there = self._is_there(thread)
        if there and not self._there:
            self._held = below(self.rng, 2) == 0
            self._read = len(self.machine.events)
        self._there = there
        if there and self._held and self._told():
            self._held = False
        return there and self._held

    def _is_there(self, thread: Thread) -> bool:
        one = self._wakeup
        has = any(held.name == one.mutex for held in thread.holds)
        if one.cell:
            return has and thread.operation in WAITS
        return not has and thread.target == one.mutex

    def _told(self) -> bool:
        """Whether there was news since the waiter got here."""
        events: list[RawEvent] = self.machine.events
        fresh = events[self._read :]
        self._read = len(events)
        return any(raw[0] == "wake" and raw[5] == self._wakeup.condition for raw in fresh)
