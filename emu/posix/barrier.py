"""The barrier: `count` threads meet, then all go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emu.engine.waitqueue import WaitQueue
from emu.posix.process import Process

if TYPE_CHECKING:
    from emu.engine.machine import Machine

SERIAL_THREAD: Final = -1
"""What exactly one of the threads that met is given."""


class Barrier:
    """A barrier called `name` for `count` threads. Raises `OSError` EINVAL for a count of 0."""

    __slots__ = ("_arrived", "_round", "count", "machine", "name", "queue")

    def __init__(self, machine: Machine, name: str, count: int) -> None:
        if count < 1:
            kernel = machine.service(Process).kernel
            raise kernel.error("EINVAL", f"barrier {name}: a count of {count}")
        self.machine = machine
        self.name = machine.own_name(name)
        self.count = count
        self.queue = WaitQueue(machine, self.name)
        self._arrived = 0
        self._round = 0

    async def wait(self) -> int:
        """Wait until `count` threads have come; one gets `SERIAL_THREAD`, the others 0."""
        machine = self.machine
        failure = await machine.checkpoint("barrier", self.name)
        if failure is not None:
            return machine.service(Process).kernel.errno(failure)
        self._arrived += 1
        if self._arrived == self.count:
            self._arrived = 0
            self._round += 1
            woken = self.queue.wake_all()
            machine.record("wake", self.name, "barrier", [thread.name for thread in woken])
            return SERIAL_THREAD
        arrived_in = self._round
        machine.record("wait.begin", self.name, "barrier")
        while self._round == arrived_in:
            reason = await self.queue.park("barrier")
        machine.record("wait.end", self.name, "barrier", reason)
        return 0

    def destroy(self) -> int:
        """EBUSY if threads wait."""
        busy = bool(self._arrived)
        return self.machine.service(Process).kernel.errno("EBUSY") if busy else 0
