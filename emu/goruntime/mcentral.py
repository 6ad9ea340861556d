"""The central free list of one size class, under its own lock; never held with the heap's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emu.goruntime.lock import Lock
from emu.goruntime.sizes import CLASSES
from emu.goruntime.span import Span

if TYPE_CHECKING:
    from emu.goruntime.runtime import Runtime


class MCentral:
    """The spans of one size class that have free blocks."""

    def __init__(self, rt: Runtime, sizeclass: int) -> None:
        self.rt = rt
        self.sizeclass = sizeclass
        self.central = Lock(rt, f"central[{sizeclass}]")
        self.nonempty: list[Span] = []

    async def AllocList(self, count: int) -> list[int]:
        """Up to `count` free blocks; none if there is no more memory."""
        rt = self.rt
        with rt.call("MCentral_AllocList"):
            await self.central.lock()
            if not self.nonempty and not await self._grow():
                await self.central.unlock()
                return []
            await rt.checkpoint("move blocks")
            span = self.nonempty[-1]
            taken, span.free = span.free[:count], span.free[count:]
            span.used += len(taken)
            if not span.free:
                self.nonempty.remove(span)
            await self.central.unlock()
        return taken

    async def FreeList(self, blocks: list[int]) -> None:
        """Take blocks back; a span of which every block is free goes back to the heap."""
        rt = self.rt
        with rt.machine.region("MCentral_FreeList"):
            await self.central.lock()
            for block in blocks:
                await rt.checkpoint("free block")
                span = rt.heap.lookup(block)
                if span is None or span.sizeclass != self.sizeclass:
                    await rt.panic.throw("invalid free")
                if not span.free:
                    self.nonempty.append(span)
                span.free.append(block)
                span.used -= 1
                if not span.used:
                    self.nonempty.remove(span)
                    await self.central.unlock()
                    await rt.heap.Free(span)
                    await self.central.lock()
            await self.central.unlock()

    async def _grow(self) -> bool:
        rt = self.rt
        await self.central.unlock()
        with rt.machine.region("MCentral_Grow"):
            span = await rt.heap.Alloc(CLASSES[self.sizeclass][1], self.sizeclass)
            if span is None:
                await self.central.lock()
                return False
            await rt.checkpoint("carve")
            span.carve()
            await self.central.lock()
        self.nonempty.append(span)
        return True


class Centrals(dict[int, MCentral]):
    """The central list of each size class, made when it is first asked for."""

    def __init__(self, rt: Runtime) -> None:
        super().__init__()
        self.rt = rt

    def __missing__(self, sizeclass: int) -> MCentral:
        made = self[sizeclass] = MCentral(self.rt, sizeclass)
        return made
