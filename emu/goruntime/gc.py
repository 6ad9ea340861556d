"""The collector: one M drives with `gcing` set; its helpers have no flag at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emu.goruntime.lock import Lock
from emu.goruntime.m import G
from emu.goruntime.note import Note
from emu.goruntime.sema import Sema

if TYPE_CHECKING:
    from emu.goruntime.runtime import Runtime

READ_MEMSTATS: Final = 3000
"""How many bytes ReadMemStats copies."""


class GC:
    """Mark and sweep, with the world stopped. `garbage` holds the blocks that nobody uses."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.gcsema = Sema(rt, "gcsema")
        self.waiting = False
        self.enabled = False
        self.markgate = Lock(rt, "markgate")
        self.sweepgate = Lock(rt, "sweepgate")
        self.alldone = Note(rt, "alldone")
        self.nproc = 1
        self.ndone = 0
        self.garbage: list[int] = []
        self.finq: list[str] = []
        self.fing: G | None = None
        self.fingwait = False
        self.collections = 0

    async def gc(self, *, force: bool = False) -> None:
        """Collect, unless this M holds a lock or somebody panics, or there is no need."""
        rt = self.rt
        with rt.call("gc"):
            if not self.enabled or rt.m.locks > 0 or rt.panic.panicking:
                return
            if rt.knobs.gogc < 0:
                return
            await self.gcsema.acquire()
            if not force and rt.heap.heap_alloc < rt.heap.next_gc:
                await self.gcsema.release()
                return
            await self._collect()

    async def readmemstats(self) -> None:
        """Stop the world and copy the statistics."""
        rt = self.rt
        with rt.machine.region("ReadMemStats"):
            await self.gcsema.acquire()
            rt.m.gcing = 1
            await rt.world.stoptheworld()
            await rt.checkpoint("copy mstats")
            rt.m.gcing = 0
            await self.gcsema.release()
            await rt.world.starttheworld(extra=False)

    async def gchelper(self) -> None:
        """What a helper does, on its g0, without any flag."""
        rt = self.rt
        with rt.machine.region("gchelper"):
            await self.markgate.lock()
            await self.markgate.unlock()
            await rt.checkpoint("mark")
            await self.sweepgate.lock()
            await self.sweepgate.unlock()
            await self._sweep()
            await rt.checkpoint("xadd ndone")
            self.ndone += 1
            if self.ndone == self.nproc - 1:
                await self.alldone.wakeup()

    async def _collect(self) -> None:
        rt = self.rt
        rt.m.gcing = 1
        await rt.world.stoptheworld()
        await self.markgate.lock()
        await self.sweepgate.lock()
        extra = False
        self.nproc = 1
        self.ndone = 0
        if rt.gomaxprocs > 1 and rt.knobs.ncpu > 1:
            await self.alldone.clear()
            helpers, extra = await rt.world.helpgc()
            self.nproc += helpers
        await self.markgate.unlock()
        with rt.machine.region("mark"):
            await rt.checkpoint("mark data")
            await rt.checkpoint("mark stacks")
        await self.sweepgate.unlock()
        await self._sweep()
        if self.nproc > 1:
            await self.alldone.sleep()
        await self._stealcache()
        await rt.checkpoint("next_gc")
        heap = rt.heap
        heap.next_gc = max(heap.next_gc, heap.heap_alloc * (100 + rt.knobs.gogc) // 100)
        rt.m.gcing = 0
        self.collections += 1
        await self._finalisers()
        await self.gcsema.release()
        await rt.world.starttheworld(extra=extra)
        if self.finq:
            await rt.sched.gosched()

    async def _sweep(self) -> None:
        """Free garbage through this M's own cache; `mallocing` is not set."""
        rt = self.rt
        with rt.call("sweep"):
            while True:
                await rt.checkpoint("xadd work.spanidx")
                if not self.garbage:
                    return
                block = self.garbage.pop()
                finaliser = await rt.fintab.take(block)
                if finaliser is not None:
                    self.finq.append(finaliser)
                    continue  # it lives on until that has run
                span = rt.heap.lookup(block)
                if span is None:
                    continue
                if not span.sizeclass:
                    await rt.heap.Free(span)
                    continue
                cache = rt.m.mcache
                assert cache is not None
                await cache.Free(block, span.sizeclass)

    async def _stealcache(self) -> None:
        """Return every M's cache to the central lists."""
        rt = self.rt
        with rt.machine.region("stealcache"):
            for m in list(rt.allm):
                if m.mcache is not None:
                    await m.mcache.ReleaseAll()

    async def _finalisers(self) -> None:
        """Start or wake the goroutine that runs finalisers; the world is still stopped."""
        rt = self.rt
        m = rt.m
        m.locks += 1
        if self.finq:
            if self.fing is None:
                self.fing = await rt.sched.newproc(self._runfinq, "runtime.runfinq")
            elif self.fingwait:
                self.fingwait = False
                await rt.sched.ready(self.fing)
        m.locks -= 1

    async def _runfinq(self) -> None:
        """The body of the finaliser goroutine."""
        rt = self.rt
        while True:
            await rt.checkpoint("finq")
            if not self.finq:
                self.fingwait = True
                await rt.sched.park("finalizer wait")
                continue
            finaliser = self.finq.pop(0)
            rt.machine.note(f"finaliser {finaliser}")
