"""The runtime's lock: no owner, no recursion, no detector.

The real word is 0 (free), 1 (held) or 2 (held, with sleepers); here a trio lock holds the
fact and a wait queue the sleepers. An M that locks what it holds sleeps for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emu.engine.ownership import Ownership
from emu.engine.waitqueue import WaitQueue

if TYPE_CHECKING:
    from emu.goruntime.runtime import Runtime

MODE: Final = "exclusive"

SLEEP_FAILED: Final = 0x1005
WAKE_FAILED: Final = 0x1006
"""Where the runtime stores to crash when umtx gives an unexpected error."""


class Lock:
    """The lock called `name`. `m.locks` counts the locks an M holds *or waits for*."""

    def __init__(self, rt: Runtime, name: str) -> None:
        self.rt = rt
        self.name = rt.machine.own_name(name)
        self.ownership = Ownership(self.name)
        self.queue = WaitQueue(rt.machine, self.name)

    @property
    def word(self) -> int:
        """The lock word: 0 free, 1 held, 2 held with sleepers."""
        if self.ownership.owner is None:
            return 0
        return 2 if self.queue.waiters else 1

    async def lock(self) -> None:
        """Take the lock, for this M; sleeps while it is held, by whomever."""
        rt = self.rt
        machine = rt.machine
        m = rt.m
        if m.locks < 0:
            await rt.panic.throw("lock count")
        m.locks += 1
        await machine.checkpoint("lock", self.name)
        thread = machine.current
        ownership = self.ownership
        since = machine.now
        met = ownership.owner.name if ownership.owner is not None else None
        while not ownership.acquire(thread):
            assert ownership.owner is not None
            if state := m.state:
                machine.record("note", self.name, state)
            machine.record("lock.wait", self.name, ownership.owner.name, MODE)
            request = machine.events[-1]
            await rt.umtx("umtx_wait", SLEEP_FAILED)
            if ownership.owner is not None:
                await self.queue.park("lock", holders=ownership.holders, request=request)
        waited = machine.now - since if met is not None else 0
        machine.record("lock.acquire", self.name, waited, met is not None, met, MODE)
        ownership.since = machine.events[-1]

    async def unlock(self) -> None:
        """Free the lock, whoever took it, and wake one sleeper."""
        rt = self.rt
        machine = rt.machine
        m = rt.m
        m.locks -= 1
        if m.locks < 0:
            await rt.panic.throw("lock count")
        await machine.checkpoint("unlock", self.name)
        if self.ownership.owner is None:
            await rt.panic.throw("unlock of unlocked lock")
        self.ownership.release(machine.current)
        machine.record("lock.release", self.name, MODE)
        if self.queue.waiters:
            self.queue.wake()
            await rt.umtx("umtx_wake", WAKE_FAILED)
