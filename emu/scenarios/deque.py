"""The work-stealing deque of Cilk, one step for each access to memory.

M. Frigo, C. Leiserson, K. Randall: The Implementation of the Cilk-5 Multithreaded Language,
PLDI 1998. The owner pushes and pops at the tail, without the lock while there is no doubt;
thieves take from the head under the lock.
"""

from __future__ import annotations

from emu.engine.machine import Machine
from emu.gosync.mutex import Mutex
from emu.posix.memory import Word


async def add(word: Word, amount: int) -> None:
    """Add in two steps, as plain code does."""
    await word.store(await word.load() + amount)


class Deque:
    """Cilk's deque of two slots, with the owner's test for room off by `slack`."""

    def __init__(self, m: Machine, slack: int) -> None:
        self.m = m
        self.slack = slack
        self.head, self.tail, self.mask = Word(m, "head"), Word(m, "tail"), Word(m, "mask", 1)
        self.lock = Mutex(m, "L")
        self.array = Word(m, "arr", [Word(m, f"e{i}", None) for i in range(2)])

    async def slot(self, i: int) -> Word:
        slots = await self.array.load()
        found: Word = slots[i & await self.mask.load()]
        return found

    async def element(self, i: int) -> int | None:
        item: int | None = await (await self.slot(i)).load()
        return item

    async def push(self, item: int) -> None:
        t, h, k = await self.tail.load(), await self.head.load(), await self.mask.load()
        if t < h + k + self.slack:
            await (await self.slot(t)).store(item)
            await self.tail.store(t + 1)
            return
        async with self.lock:
            h = await self.head.load()
            c = await self.tail.load() - h
            h &= await self.mask.load()
            await self.head.store(h)
            await self.tail.store(h + c)
            mask = await self.mask.load()
            if c >= mask:
                await self.grow(h, c, mask)
            assert c < await self.mask.load()
            t = await self.tail.load()
            await (await self.slot(t)).store(item)
            await self.tail.store(t + 1)

    async def grow(self, h: int, c: int, mask: int) -> None:
        old = await self.array.load()
        slots = [Word(self.m, f"f{i}", None) for i in range(2 * (mask + 1))]
        for i in range(c):
            slots[i].value = await old[(h + i) & mask].load()
        await self.array.store(slots)
        await self.mask.store(len(slots) - 1)
        await self.head.store(0)
        await self.tail.store(c)

    async def pop(self) -> int | None:
        t = await self.tail.load() - 1
        await self.tail.store(t)
        if await self.head.load() <= t:
            return await self.element(t)
        await self.tail.store(t + 1)
        async with self.lock:
            t = await self.tail.load() - 1
            await self.tail.store(t)
            if await self.head.load() <= t:
                return await self.element(t)
            await self.tail.store(t + 1)
            if await self.head.load() > t:
                await self.head.store(0)
                await self.tail.store(0)
        return None

    async def steal(self) -> int | None:
        async with self.lock:
            h = await self.head.load()
            await self.head.store(h + 1)
            if h < await self.tail.load():
                return await self.element(h)
            await self.head.store(h)
        return None
