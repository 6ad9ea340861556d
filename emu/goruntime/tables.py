"""Two tables of the runtime that allocate under a lock of their own: itabs and finalisers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emu.goruntime.lock import Lock

if TYPE_CHECKING:
    from emu.goruntime.runtime import Runtime

ITAB: Final = 56
FINTABS: Final = 17
FIRST: Final = 4
ROW: Final = 32
"""Sizes in bytes, and how many tables and rows there are at first."""


class Itabs:
    """The method tables of the interface conversions that the program has made."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.ifacelock = Lock(rt, "ifacelock")
        self.known: dict[str, int] = {}

    async def get(self, conversion: str) -> int:
        """The table of a conversion; looked up without the lock, made with it."""
        rt = self.rt
        with rt.machine.region("getitab"):
            await rt.checkpoint("load hash")
            if conversion in self.known:
                return self.known[conversion]
            await self.ifacelock.lock()
            if conversion not in self.known:
                self.known[conversion] = await rt.malloc.mallocgc(ITAB, gc=False, dogc=False)
            await self.ifacelock.unlock()
            return self.known[conversion]


class Fintab:
    """The finalisers of blocks, in tables by address."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.locks: dict[int, Lock] = {}
        self.rows: dict[int, dict[int, str]] = {}
        self.room = [0] * FINTABS

    async def add(self, block: int, finaliser: str) -> None:
        """Let `finaliser` run once `block` is garbage; the table may grow, with its lock held."""
        rt = self.rt
        table = (block >> 4) % FINTABS
        with rt.machine.region("addfinalizer"):
            if table not in self.locks:
                self.locks[table] = Lock(rt, f"fintab[{table}]")
                self.rows[table] = {}
            await self.locks[table].lock()
            if len(self.rows[table]) >= self.room[table]:
                self.room[table] = max(FIRST, 2 * self.room[table])
                await rt.malloc.mallocgc(self.room[table] * ROW, dogc=False)
            await rt.checkpoint("insert finaliser")
            self.rows[table][block] = finaliser
            await self.locks[table].unlock()

    async def take(self, block: int) -> str | None:
        """Remove and give the finaliser of a block, if it has one."""
        table = (block >> 4) % FINTABS
        if not self.rows.get(table):
            return None
        await self.locks[table].lock()
        found = self.rows[table].pop(block, None)
        await self.locks[table].unlock()
        return found
