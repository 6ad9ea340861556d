"""What the goroutines of the bundled Go programs do."""

from __future__ import annotations

from typing import Final

from emu.goruntime.runtime import Runtime

BLOCK: Final = 4_000
"""A block that comes out of a cache, in bytes."""

LARGE: Final = 100_000
"""A block that comes from the page heap."""


async def allocate(rt: Runtime) -> None:
    """Allocate, from the cache's central list and from the page heap."""
    await rt.malloc.mal(BLOCK)
    await rt.malloc.mal(LARGE)


async def look_up(rt: Runtime) -> None:
    """Ask for the callers, as runtime.Callers does: a first use of the symbol table."""
    await rt.traceback.callers()


async def panic(rt: Runtime) -> None:
    """Panic, for a reason of the program's own."""
    await rt.panic.panic("out of coffee")


async def collect(rt: Runtime) -> None:
    """Leave garbage behind, small blocks and a large one, and collect it."""
    for size in (LARGE, BLOCK, BLOCK):
        rt.gc.garbage.append(await rt.malloc.mal(size))
    await rt.gc.gc(force=True)
