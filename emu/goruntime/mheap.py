"""The page heap: spans of pages, under the heap lock, the allocator's last resort."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emu.goruntime.lock import Lock
from emu.goruntime.mcache import MCache
from emu.goruntime.sizes import PAGE
from emu.goruntime.span import Span

if TYPE_CHECKING:
    from emu.goruntime.runtime import Runtime

HEAP: Final = 0xC0_0000_0000
"""Where the heap begins; it grows up or down, as the order of stacks is wanted."""

CHUNK: Final = 256
"""How many pages the heap asks the kernel for, at least."""

HEAP_MINIMUM: Final = 4 << 20
"""How large the heap is at least when it is first collected, in bytes."""

MINUTE: Final = 60_000_000_000


class MHeap:
    """Spans in use and free, and the statistics that every M's cache is folded into."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.heap = Lock(rt, "heap")
        self.spans: dict[int, Span] = {}
        self.free: list[Span] = []
        self.grows_down = rt.knobs.stacks == "g0_above"
        self.edge = HEAP
        self.smashed: set[int] = set()
        """Blocks into which a stack has run: what they held is lost."""
        self.heap_alloc = 0
        self.next_gc = HEAP_MINIMUM

    async def Alloc(self, npages: int, sizeclass: int) -> Span | None:
        """A span of `npages` pages; None if there is no more memory."""
        rt = self.rt
        with rt.call("MHeap_Alloc"):
            await self.heap.lock()
            await rt.checkpoint("mstats")
            self._fold()
            span = await self._take(npages)
            if span is not None:
                span.sizeclass = sizeclass
                if not sizeclass:
                    self.heap_alloc += npages * PAGE
            await self.heap.unlock()
        return span

    async def Free(self, span: Span) -> None:
        """Give a span back."""
        rt = self.rt
        with rt.machine.region("MHeap_Free"):
            await self.heap.lock()
            await rt.checkpoint("mstats")
            self._fold()
            if not span.sizeclass:
                self.heap_alloc -= span.npages * PAGE
            await rt.checkpoint("free span")
            for page in range(span.npages):
                self.spans.pop(span.base + page * PAGE, None)
            self.free.append(Span(span.base, span.npages))
            await self.heap.unlock()

    async def allocmcache(self) -> MCache:
        """A cache for a new M; takes the heap lock although this M is not in malloc."""
        rt = self.rt
        with rt.machine.region("allocmcache"):
            await self.heap.lock()
            await rt.checkpoint("FixAlloc")
            await self.heap.unlock()
        rate = rt.knobs.memprofilerate
        return MCache(rt, next_sample=rt.fastrand() % (2 * rate) if rate else 0)

    async def Scavenger(self) -> None:
        """The body of the scavenger goroutine: once a minute it walks the free lists."""
        rt = self.rt
        with rt.machine.region("MHeap_Scavenger"):
            while True:
                await rt.sched.entersyscall()
                await rt.scavenge.sleep(rt.machine.now + MINUTE)
                await rt.sched.exitsyscall()
                await rt.scavenge.clear()
                await self.heap.lock()
                await rt.checkpoint("walk free spans")
                await rt.checkpoint("walk large spans")
                await self.heap.unlock()

    def lookup(self, address: int) -> Span | None:
        """The span that holds an address; no lock is taken."""
        return self.spans.get(address & ~(PAGE - 1))

    def smash(self, address: int) -> None:
        """Something has written over the memory at `address`."""
        span = self.lookup(address)
        if span is not None:
            self.rt.machine.note(f"a stack ran over the memory at {address:#x}")
            self.smashed.add(address - (address - span.base) % span.size)

    def _fold(self) -> None:
        cache = self.rt.m.mcache
        if cache is not None:
            self.heap_alloc += cache.local_alloc
            cache.local_alloc = 0

    async def _take(self, npages: int) -> Span | None:
        rt = self.rt
        await rt.checkpoint("best fit")
        fitting = [span for span in self.free if span.npages >= npages]
        if not fitting:
            chunk = max(npages, CHUNK)
            size = chunk * PAGE
            if not await rt.mmap(size):
                return None
            base = self.edge - size if self.grows_down else self.edge
            self.edge = base if self.grows_down else base + size
            self.free.append(Span(base, chunk))
            fitting = [self.free[-1]]
        found = min(fitting, key=lambda span: (span.npages, span.base))
        self.free.remove(found)
        return self._split(found, npages)

    def _split(self, found: Span, npages: int) -> Span:
        rest = found.npages - npages
        base = found.base
        if self.grows_down:
            base += rest * PAGE
            left = found.base
        else:
            left = base + npages * PAGE
        if rest:
            self.free.append(Span(left, rest))
        span = Span(base, npages)
        for page in range(npages):
            self.spans[base + page * PAGE] = span
        return span
