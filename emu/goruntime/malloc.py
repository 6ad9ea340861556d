"""mallocgc and free, guarded against themselves by the M's flag `mallocing`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emu.goruntime.sizes import MAX_SMALL, PAGE, size_class

if TYPE_CHECKING:
    from emu.goruntime.runtime import Runtime

FIXED_STACK = 4096
"""The size of stack for which each M has an allocator of its own."""


class Malloc:
    """The allocator's front. Addresses stand for blocks; 0 is nil."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.special: set[int] = set()
        """The blocks that the heap profile knows."""

    async def mallocgc(
        self,
        size: int,
        *,
        profile: bool = True,
        gc: bool = True,
        dogc: bool = True,
    ) -> int:
        """A block of `size` bytes; may yield first, and may collect afterwards.

        `gc` False is FlagNoGC: the collector does not look into the block.
        """
        rt = self.rt
        with rt.call("mallocgc"):
            await rt.checkpoint("gcwaiting")
            m = rt.m
            if rt.gc.waiting and rt.g is not m.g0 and m.locks == 0:
                await rt.sched.gosched()
                m = rt.m
            throws = rt.knobs.nested_malloc == "throw"
            if m.mallocing and throws:
                await rt.panic.throw("malloc/free - deadlock")
            await rt.checkpoint("set mallocing")
            m.mallocing = 1 if throws else m.mallocing + 1
            block = await self._block(size or 1)
            if block is None:
                await rt.panic.throw("out of memory")
            assert block is not None
            if gc:
                await rt.checkpoint("markallocated")
            await rt.checkpoint("clear mallocing")
            m.mallocing = 0 if throws else m.mallocing - 1
            rt.machine.record("alloc", "", size, block)
            if profile and rt.knobs.memprofilerate:
                await self._sample(block, size)
            if dogc and rt.heap.heap_alloc >= rt.heap.next_gc:
                await rt.gc.gc()
        return block

    async def malloc(self, size: int) -> int:
        """A zeroed block, for the runtime itself; never collects."""
        return await self.mallocgc(size, dogc=False)

    async def mal(self, size: int) -> int:
        """A zeroed block; may collect."""
        return await self.mallocgc(size)

    async def free(self, block: int) -> None:
        """Give a block back."""
        rt = self.rt
        if not block:
            return
        with rt.call("free"):
            m = rt.m
            throws = rt.knobs.nested_malloc == "throw"
            if m.mallocing and throws:
                await rt.panic.throw("malloc/free - deadlock")
            await rt.checkpoint("set mallocing")
            m.mallocing = 1 if throws else m.mallocing + 1
            await rt.checkpoint("mlookup")
            span = rt.heap.lookup(block)
            if span is None:
                rt.print(f"free {block:#x}: not an allocated block")
                await rt.panic.throw("free mlookup")
            assert span is not None
            if span.sizeclass:
                assert m.mcache is not None
                await m.mcache.Free(block, span.sizeclass)
            else:
                await rt.heap.Free(span)
            if block in self.special:
                await rt.mprof.free(block)
            await rt.checkpoint("clear mallocing")
            m.mallocing = 0 if throws else m.mallocing - 1
            rt.machine.record("free", "", span.size)

    async def stackalloc(self, size: int) -> int:
        """Memory for a stack; must run on g0."""
        rt = self.rt
        m = rt.m
        if rt.g is not m.g0:
            await rt.panic.throw("stackalloc not on scheduler stack")
        if m.mallocing or m.gcing or size == FIXED_STACK:
            if size != FIXED_STACK:
                rt.print(f"stackalloc: in malloc, size={FIXED_STACK} want {size}")
                await rt.panic.throw("stackalloc")
            await rt.checkpoint("FixAlloc")
            m.stackalloc += 1
            return rt.fixed_stack()
        return await self.mallocgc(size, profile=False, gc=False, dogc=False)

    async def _block(self, size: int) -> int | None:
        rt = self.rt
        if size <= MAX_SMALL:
            cache = rt.m.mcache
            assert cache is not None
            return await cache.Alloc(size_class(size))
        span = await rt.heap.Alloc(-(-size // PAGE), 0)
        if span is None:
            return None
        await rt.checkpoint("markspan")
        return span.base

    async def _sample(self, block: int, size: int) -> None:
        rt = self.rt
        rate = rt.knobs.memprofilerate
        cache = rt.m.mcache
        assert cache is not None
        if size < rate:
            if cache.next_sample > size:
                cache.next_sample -= size
                return
            cache.next_sample = rt.fastrand() % (2 * rate)
        await rt.checkpoint("setblockspecial")
        self.special.add(block)
        await rt.mprof.malloc(block, size)
