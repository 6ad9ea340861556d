"""An M's own free lists: blocks that need no lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emu.goruntime.sizes import CLASSES, transfer

if TYPE_CHECKING:
    from emu.goruntime.runtime import Runtime

LIST_LIMIT: Final = 256
"""A longer list gives half of its blocks back."""

SIZE_LIMIT: Final = 2 << 20
"""A cache that holds more bytes gives blocks back."""

GARBAGE: Final = 0xDEAD_0000_0000
"""Where the link of a block points into which a stack has run."""


class MCache:
    """The free blocks of one M, by size class, and its statistics."""

    def __init__(self, rt: Runtime, next_sample: int) -> None:
        self.rt = rt
        self.lists: dict[int, list[int]] = {}
        self.size = 0
        self.local_alloc = 0
        self.next_sample = next_sample

    async def Alloc(self, sizeclass: int) -> int | None:
        """A block of this class; None if there is no more memory."""
        rt = self.rt
        await rt.checkpoint("mcache")
        blocks = self.lists.setdefault(sizeclass, [])
        if not blocks:
            fresh = await rt.central[sizeclass].AllocList(transfer(sizeclass))
            if not fresh:
                return None
            blocks.extend(fresh)
            self.size += len(fresh) * CLASSES[sizeclass][0]
        if blocks[-1] in rt.heap.smashed:
            await rt.fault("SIGSEGV", GARBAGE)
        self.size -= CLASSES[sizeclass][0]
        self.local_alloc += CLASSES[sizeclass][0]
        return blocks.pop()

    async def Free(self, block: int, sizeclass: int) -> None:
        """Take a block back; a list that grows too long goes to the central list."""
        rt = self.rt
        await rt.checkpoint("mcache")
        blocks = self.lists.setdefault(sizeclass, [])
        blocks.append(block)
        size = CLASSES[sizeclass][0]
        self.size += size
        self.local_alloc -= size
        if len(blocks) >= LIST_LIMIT:
            await self.release(sizeclass, len(blocks) // 2)
        elif self.size >= SIZE_LIMIT:
            for other in sorted(self.lists):
                await self.release(other, len(self.lists[other]) // 2)

    async def release(self, sizeclass: int, count: int) -> None:
        """Give `count` blocks of a class back to its central list."""
        blocks = self.lists[sizeclass]
        given, self.lists[sizeclass] = blocks[:count], blocks[count:]
        self.size -= len(given) * CLASSES[sizeclass][0]
        if given:
            await self.rt.central[sizeclass].FreeList(given)

    async def ReleaseAll(self) -> None:
        """Give every block back."""
        for sizeclass in sorted(self.lists):
            await self.release(sizeclass, len(self.lists[sizeclass]))
