"""The heap profile: who allocated the sampled blocks. Its lock lies outside the heap's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emu.goruntime.lock import Lock

if TYPE_CHECKING:
    from emu.goruntime.runtime import Runtime

BUCKET = 512
"""How many bytes a bucket takes; an entry for an address takes a block of `ENTRY`."""

ENTRY = 24


class MProf:
    """Buckets by call stack, and the bucket of each sampled block."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.proflock = Lock(rt, "proflock")
        self.buckets: dict[tuple[str, ...], list[int]] = {}
        self.address: dict[int, tuple[str, ...]] = {}

    async def malloc(self, block: int, size: int) -> None:
        """Note that `block` was allocated here. Allocates, with proflock held."""
        rt = self.rt
        m = rt.m
        if m.nomemprof > 0:
            return
        m.nomemprof += 1
        with rt.machine.region("MProf_Malloc"):
            stack = await rt.traceback.callers()
            await self.proflock.lock()
            if stack not in self.buckets:
                await rt.malloc.mallocgc(BUCKET, profile=False, dogc=False)
                self.buckets[stack] = []
            await rt.malloc.mallocgc(ENTRY, profile=False, dogc=False)
            self.buckets[stack].append(size)
            self.address[block] = stack
            await self.proflock.unlock()
        m.nomemprof -= 1

    async def free(self, block: int) -> None:
        """Note that `block` is free again; called with the flag `mallocing` set."""
        rt = self.rt
        m = rt.m
        if m.nomemprof > 0:
            return
        m.nomemprof += 1
        with rt.machine.region("MProf_Free"):
            await self.proflock.lock()
            await rt.checkpoint("bucket")
            stack = self.address.pop(block, None)
            rt.malloc.special.discard(block)
            if stack is not None:
                self.buckets[stack].pop()
            await self.proflock.unlock()
        m.nomemprof -= 1
