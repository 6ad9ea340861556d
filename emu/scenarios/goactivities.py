"""What the goroutines of the bundled Go programs do, by name."""

from __future__ import annotations

from typing import Final, Literal

from emu.goruntime.m import Panicking
from emu.goruntime.runtime import Runtime
from emu.scenarios.goprogram import Activity

BLOCK: Final = 4_000
"""A block that comes out of a cache, in bytes."""

LARGE: Final = 100_000
"""A block that comes from the page heap."""


async def allocate(rt: Runtime) -> None:
    """Allocate, from the cache's central list and from the page heap."""
    await rt.malloc.mal(BLOCK)
    await rt.malloc.mal(LARGE)


async def free(rt: Runtime) -> None:
    """Allocate, and free."""
    for size in (BLOCK, LARGE):
        await rt.malloc.free(await rt.malloc.mal(size))


async def look_up(rt: Runtime) -> None:
    """Ask for the callers, as runtime.Callers does: a first use of the symbol table."""
    await rt.traceback.callers()


async def panic(rt: Runtime) -> None:
    """Panic, for a reason of the program's own."""
    await rt.panic.panic("out of coffee")


async def panic_with_error(rt: Runtime) -> None:
    """Panic with a value whose Error method allocates; it is called with paniclk held."""

    async def error() -> str:
        await rt.malloc.mal(LARGE)
        return "out of coffee"

    await rt.panic.panic("error", error)


async def collect(rt: Runtime) -> None:
    """Leave garbage behind, small blocks and a large one, and collect it."""
    for size in (LARGE, BLOCK, BLOCK):
        rt.gc.garbage.append(await rt.malloc.mal(size))
    await rt.gc.gc(force=True)


async def start(rt: Runtime) -> None:
    """Start a goroutine that has nothing to do."""

    async def nothing() -> None:
        await rt.checkpoint("nothing")

    await rt.sched.newproc(nothing, "main.worker")


async def recover(rt: Runtime) -> None:
    """Allocate under a deferred call that recovers from whatever happens; then go on."""

    async def deferred(panicking: Panicking | None) -> bool:
        return panicking is not None

    await rt.panic.deferring(deferred, lambda: allocate(rt))
    await allocate(rt)


async def sleep(rt: Runtime) -> None:
    """Sleep, as time.Sleep does; the array of timers grows with `timers` held."""
    await rt.timers.sleep(1_000_000)


async def convert(rt: Runtime) -> None:
    """Convert to an interface for the first time; the itab is made with `ifacelock` held."""
    await rt.itabs.get("*os.File to io.Reader")


async def finalise(rt: Runtime) -> None:
    """Give a block a finaliser, drop it, and collect."""
    block = await rt.malloc.mal(BLOCK)
    await rt.fintab.add(block, "close")
    rt.gc.garbage.append(block)
    await rt.gc.gc(force=True)


async def read_memstats(rt: Runtime) -> None:
    """Stop the world for the statistics."""
    await rt.gc.readmemstats()


Work = Literal[
    "malloc",
    "free",
    "go",
    "gc",
    "memstats",
    "sleep",
    "convert",
    "finalise",
    "findfunc",
    "panic",
    "error",
    "recover",
]

WORK: Final[dict[Work, Activity]] = {
    "malloc": allocate,
    "free": free,
    "go": start,
    "gc": collect,
    "memstats": read_memstats,
    "sleep": sleep,
    "convert": convert,
    "finalise": finalise,
    "findfunc": look_up,
    "panic": panic,
    "error": panic_with_error,
    "recover": recover,
}
"""The activities by the names that scenarios' parameters have for them."""

Company = Literal[
    "malloc",
    "free",
    "go",
    "gc",
    "memstats",
    "sleep",
    "convert",
    "finalise",
    "recover",
    "findfunc",
    "panic",
    "error",
    "findfunc and panic",
    "findfunc and malloc",
    "panic and malloc",
    "panic and go",
    "gc and malloc",
]

COMPANY: Final[dict[Company, tuple[Work, ...]]] = {
    "malloc": ("malloc",),
    "free": ("free",),
    "go": ("go",),
    "gc": ("gc",),
    "memstats": ("memstats",),
    "sleep": ("sleep",),
    "convert": ("convert",),
    "finalise": ("finalise",),
    "recover": ("recover",),
    "findfunc": ("findfunc",),
    "panic": ("panic",),
    "error": ("error",),
    "findfunc and panic": ("findfunc", "panic"),
    "findfunc and malloc": ("findfunc", "malloc"),
    "panic and malloc": ("panic", "malloc"),
    "panic and go": ("panic", "go"),
    "gc and malloc": ("gc", "malloc"),
}
"""What a program's other Ms do meanwhile."""

SAMPLED: Final = 512 * 1024
"""The heap profile samples one block in so many bytes."""
