"""The spin lock. Spinning costs no steps: a thread that spins waits, and handlers run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emu.engine.ownership import Ownership
from emu.engine.waitqueue import WaitQueue
from emu.posix.process import Process
from emu.record.event import TRIED

if TYPE_CHECKING:
    from emu.engine.machine import Machine

MODE: Final = "spin"


class Spin:
    """A spin lock called `name`. Its calls give an error's number; 0 is success."""

    __slots__ = ("machine", "name", "ownership", "queue")

    def __init__(self, machine: Machine, name: str) -> None:
        self.machine = machine
        self.name = machine.own_name(name)
        self.ownership = Ownership(self.name)
        self.queue = WaitQueue(machine, self.name)

    async def lock(self) -> int:
        """Acquire it, spinning as long as it takes: for ever if the caller holds it."""
        machine = self.machine
        failure = await machine.checkpoint("spin_lock", self.name)
        if failure is not None:
            return self._fail(failure)
        since = machine.now
        holder = self.ownership.owner
        met = None if holder is None else holder.name
        if met is not None:
            machine.record("lock.wait", self.name, met, MODE)
        while not self._take(since, met):
            await self.queue.park("lock", holders=self.ownership.holders)
        return 0

    async def trylock(self) -> int:
        """Acquire it if that is possible at once; else EBUSY."""
        machine = self.machine
        failure = await machine.checkpoint("spin_trylock", self.name)
        if failure is None and self._take(machine.now, None, MODE + TRIED):
            return 0
        return self._fail(failure or "EBUSY")

    async def unlock(self) -> int:
        """Release it, whoever holds it."""
        machine = self.machine
        failure = await machine.checkpoint("spin_unlock", self.name)
        if failure is not None:
            return self._fail(failure)
        if self.ownership.owner is not None:
            self.ownership.release(machine.current)
            machine.record("lock.release", self.name, MODE)
            self.queue.wake()
        return 0

    def destroy(self) -> int:
        """Give 0, always."""
        return 0

    def _fail(self, error: str) -> int:
        self.machine.record("lock.fail", self.name, error, MODE)
        return self.machine.service(Process).kernel.errno(error)

    def _take(self, since: int, met: str | None, mode: str = MODE) -> bool:
        machine = self.machine
        if not self.ownership.acquire(machine.current):
            return False
        waited = machine.now - since
        machine.record("lock.acquire", self.name, waited, met is not None, met, mode)
        self.ownership.since = machine.events[-1]
        return True
