"""time.Sleep: a heap of timers under its own lock, and the goroutine that lets them expire.

`timers` lies outside the heap's locks (the array grows with it held) and outside `sched`
(the goroutine is started with it held).
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final

from emu.goruntime.lock import Lock
from emu.goruntime.m import GWAITING, G
from emu.goruntime.note import Note

if TYPE_CHECKING:
    from emu.goruntime.runtime import Runtime

FIRST: Final = 16
"""How many timers the array holds at first; then half as many more each time."""

SLOT: Final = 8
"""How many bytes one takes."""


class Timers:
    """The sleeping goroutines, soonest first."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.timers = Lock(rt, "timers")
        self.heap: list[tuple[int, int, G]] = []
        self.room = 0
        self.made = 0
        self.timerproc: G | None = None
        self.sleeping = False
        self.rescheduling = False
        self.waitnote = Note(rt, "timers.waitnote")

    async def sleep(self, duration: int) -> None:
        """Let the running goroutine sleep for `duration` ns."""
        rt = self.rt
        with rt.machine.region("tsleep"):
            await self.timers.lock()
            await self._add(rt.machine.now + duration)
            rt.g.status = GWAITING
            rt.g.waitreason = "sleep"
            await self.timers.unlock()
            await rt.sched.gosched()

    async def _add(self, when: int) -> None:
        rt = self.rt
        if len(self.heap) >= self.room:
            self.room = max(FIRST, self.room * 3 // 2)
            await rt.malloc.malloc(self.room * SLOT)
        await rt.checkpoint("insert timer")
        self.made += 1
        heappush(self.heap, (when, self.made, rt.g))
        if self.heap[0][2] is rt.g:
            if self.sleeping:
                self.sleeping = False
                await self.waitnote.wakeup()
            if self.rescheduling and self.timerproc is not None:
                self.rescheduling = False
                await rt.sched.ready(self.timerproc)
        if self.timerproc is None:
            self.timerproc = await rt.sched.newproc(self._run, "runtime.timerproc")

    async def _run(self) -> None:
        """The body of the goroutine: wake who is due, then sleep until the next is."""
        rt = self.rt
        while True:
            await self.timers.lock()
            while self.heap and self.heap[0][0] <= rt.machine.now:
                gp = heappop(self.heap)[2]
                await self.timers.unlock()
                await rt.sched.ready(gp)
                await self.timers.lock()
            if not self.heap:
                self.rescheduling = True
                rt.g.status = GWAITING
                await self.timers.unlock()
                await rt.sched.gosched()
                continue
            when = self.heap[0][0]
            self.sleeping = True
            await self.waitnote.clear()
            await self.timers.unlock()
            await rt.sched.entersyscall()
            await self.waitnote.sleep(when)
            await rt.sched.exitsyscall()
