"""The mutex. A thread that wants one which is held is not runnable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emu.engine.gate import Delay, Gate
from emu.engine.ownership import Ownership
from emu.engine.recorder import Standing
from emu.engine.thread import Panic
from emu.record.event import TRIED

if TYPE_CHECKING:
    from emu.engine.machine import Machine
    from emu.engine.thread import Thread
    from emu.engine.waitqueue import WaitQueue

MODE: Final = "exclusive"


class Mutex:
    """A mutex called `name`, not re-entrant.

    Anybody may unlock it, as in Go; one that is `checked` panics unless its owner does. A
    thread counts as waiting for the one that locked it: a cycle of those is a deadlock.
    `async with mutex` locks and unlocks.
    """

    __slots__ = ("checked", "destroyed", "gate", "machine", "name", "ownership")

    def __init__(self, machine: Machine, name: str, *, checked: bool = False) -> None:
        self.machine = machine
        self.name = machine.own_name(name)
        self.checked = checked
        self.destroyed = False
        self.gate = Gate(machine, self.name)
        self.ownership = Ownership(self.name)

    def __repr__(self) -> str:
        owner = self.ownership.owner
        return f"<Mutex {self.name}: {'free' if owner is None else f'held by {owner.name}'}>"

    async def lock(self) -> None:
        """Acquire it; raises `Panic` if it is destroyed, before or meanwhile."""
        delay = await self.gate.enter("lock", self._ready, holders=self.ownership.holders)
        self._own(delay)

    async def try_lock(self) -> bool:
        """Acquire it if it is free; gives whether it was."""
        machine = self.machine
        await machine.checkpoint("trylock", self.name)
        if self.ownership.owner is not None and not self.destroyed:
            machine.record("lock.fail", self.name, "EBUSY", MODE)
            return False
        self._own(None, MODE + TRIED)
        return True

    async def unlock(self) -> None:
        """Release it; raises `Panic` if it is free, destroyed, or checked and another's."""
        await self.machine.checkpoint("unlock", self.name)
        self._release("unlock")

    async def destroy(self) -> None:
        """Destroy it, held or not: whoever waits for it or uses it from now on panics."""
        await self.machine.checkpoint("destroy", self.name)
        self.destroyed = True
        self.machine.record("lock.destroy", self.name)
        self.gate.changed()

    async def __aenter__(self) -> None:
        await self.lock()

    async def __aexit__(self, *_: object) -> None:
        await self.unlock()

    # What condition variables need: these two are no steps of their own.

    def give_up(self) -> None:
        """Release it, as part of the running thread's operation."""
        self._release("wait")

    def bring(self, thread: Thread, queue: WaitQueue, at: Standing) -> None:
        """Let a thread that waits in `queue` want this mutex, which is its next step."""
        self.gate.bring(thread, queue, "lock", self._ready, at, holders=self.ownership.holders)

    async def arrive(self) -> None:
        """Acquire it, for a thread that was brought here."""
        self._own(await self.gate.arrive())

    def _ready(self) -> bool:
        return self.ownership.owner is None or self.destroyed

    def _own(self, delay: Delay | None, mode: str = MODE) -> None:
        machine = self.machine
        if self.destroyed:
            raise self._panic("lock", "DESTROYED", "a destroyed mutex")
        self.ownership.acquire(machine.current)
        waited, met = (0, None) if delay is None else (machine.now - delay.since, delay.met)
        machine.record("lock.acquire", self.name, waited, delay is not None, met, mode)
        self.ownership.since = machine.events[-1]
        self.gate.changed()

    def _release(self, operation: str) -> None:
        machine = self.machine
        owner = self.ownership.owner
        if self.destroyed:
            raise self._panic(operation, "DESTROYED", "a destroyed mutex")
        if owner is None:
            raise self._panic(operation, "EPERM", "a mutex that is not locked")
        if self.checked and owner is not machine.current:
            raise self._panic(operation, "EPERM", f"a mutex that {owner.name} holds")
        self.ownership.release(machine.current)
        machine.record("lock.release", self.name, MODE)
        self.gate.changed()

    def _panic(self, operation: str, error: str, what: str) -> Panic:
        self.machine.record("lock.fail", self.name, error, MODE)
        return Panic(f"{operation} of {what}: {self.name}")
