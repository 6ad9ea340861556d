"""Once: the first who comes does it, and whoever comes meanwhile is not runnable until then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from emu.engine.gate import Gate
from emu.engine.ownership import Ownership

if TYPE_CHECKING:
    from emu.engine.machine import Machine


class Once:
    """What is to be done once, called `name`. Whoever does it and asks again waits for himself."""

    __slots__ = ("done", "gate", "machine", "name", "ownership")

    def __init__(self, machine: Machine, name: str) -> None:
        self.machine = machine
        self.name = machine.own_name(name)
        self.done = False
        self.gate = Gate(machine, self.name)
        self.ownership = Ownership(self.name)

    async def do(self, task: Callable[[], Awaitable[object]]) -> None:
        """Run `task()`, unless that was done before; it counts as done if it raises, too."""
        await self.gate.enter("once", self._ready, holders=self.ownership.holders, what="once")
        machine = self.machine
        machine.record("once", self.name, not self.done)
        if self.done:
            return
        self.ownership.acquire(machine.current)
        self.gate.changed()
        try:
            await task()
        finally:
            if not machine.ended:
                self.done = True
                self.ownership.release(machine.current)
                self.gate.changed()

    def _ready(self) -> bool:
        return self.done or self.ownership.owner is None
