"""The wait group: a counter that threads wait for to be zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emu.engine.gate import Gate
from emu.engine.thread import Panic
from emu.engine.waitqueue import WOKEN

if TYPE_CHECKING:
    from emu.engine.machine import Machine


class WaitGroup:
    """A wait group called `name`. A thread that waits is not runnable until it is at zero."""

    __slots__ = ("count", "gate", "machine", "name")

    def __init__(self, machine: Machine, name: str) -> None:
        self.machine = machine
        self.name = machine.own_name(name)
        self.count = 0
        self.gate = Gate(machine, self.name)

    async def add(self, delta: int = 1) -> None:
        """Add to the counter; raises `Panic` if that makes it negative."""
        await self._add("add", delta)

    async def done(self) -> None:
        """Take one from the counter; raises `Panic` if that makes it negative."""
        await self._add("done", -1)

    async def wait(self) -> None:
        """Wait until the counter is zero."""
        await self.gate.enter("wait", lambda: not self.count, what="group")
        self.machine.record("wait.end", self.name, "group", WOKEN)

    async def _add(self, operation: str, delta: int) -> None:
        machine = self.machine
        await machine.checkpoint(operation, self.name)
        self.count += delta
        machine.record("group.add", self.name, delta, self.count)
        if self.count < 0:
            raise Panic(f"negative wait group counter: {self.name}")
        self.gate.changed()
