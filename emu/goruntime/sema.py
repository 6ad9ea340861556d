"""Goroutines' semaphores: who waits leaves its M to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emu.goruntime.lock import Lock

if TYPE_CHECKING:
    from emu.goruntime.m import G
    from emu.goruntime.runtime import Runtime


class Sema:
    """The semaphore called `name`, with a lock for its queue."""

    def __init__(self, rt: Runtime, name: str, value: int = 1) -> None:
        self.rt = rt
        self.name = name
        self.value = value
        self.root = Lock(rt, f"{name} root")
        self.waiting: list[G] = []

    async def acquire(self) -> None:
        """Take one; may go on on another M."""
        rt = self.rt
        while not await self._cansemacquire():
            await self.root.lock()
            if await self._cansemacquire():
                await self.root.unlock()
                return
            self.waiting.append(rt.g)
            await self.root.unlock()
            await rt.sched.park("semacquire")

    async def _cansemacquire(self) -> bool:
        await self.rt.checkpoint("cas semaphore")
        if not self.value:
            return False
        self.value -= 1
        return True

    async def release(self) -> None:
        """Give one back, and let a waiting goroutine try again."""
        rt = self.rt
        await rt.checkpoint("xadd semaphore")
        self.value += 1
        if not self.waiting:
            return
        await self.root.lock()
        gp = self.waiting.pop(0) if self.waiting else None
        await self.root.unlock()
        if gp is not None:
            await rt.sched.ready(gp)
