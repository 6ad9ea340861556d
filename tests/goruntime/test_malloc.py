"""The allocator: caches, central lists and the page heap, and the flag that guards them."""

from __future__ import annotations

from itertools import pairwise

import pytest

from emu.chaos.entries import Fail, Fault
from emu.goruntime.knobs import Knobs
from emu.goruntime.runtime import Runtime
from emu.goruntime.sizes import size_class, transfer
from tests.goruntime.programs import go

SMALL = 4_000
LARGE = 100_000


async def test_blocks_do_not_overlap() -> None:
    blocks: list[int] = []

    async def main(rt: Runtime) -> None:
        blocks.extend([await rt.malloc.mal(SMALL) for _ in range(20)])

    await go(main)

    assert all(after - before >= SMALL for before, after in pairwise(sorted(blocks)))


async def test_a_freed_block_is_given_out_again() -> None:
    async def main(rt: Runtime) -> None:
        block = await rt.malloc.mal(SMALL)
        await rt.malloc.free(block)
        assert await rt.malloc.mal(SMALL) == block

    assert (await go(main)).outcome == "ok"


async def test_a_full_list_needs_no_lock() -> None:
    async def main(rt: Runtime) -> None:
        await rt.malloc.mal(64)
        rt.machine.note("from here")
        await rt.malloc.mal(64)

    ran = await go(main)
    events = [event.event for event in ran.history.events]

    assert "lock.acquire" not in events[events.index("note") :]


async def test_central_and_heap_are_never_held_together() -> None:
    async def main(rt: Runtime) -> None:
        for _ in range(transfer(size_class(SMALL)) + 1):
            await rt.malloc.mal(SMALL)

    ran = await go(main)
    held: set[str] = set()
    for event in ran.history.events:
        if event.event == "lock.acquire":
            assert not (event.object == "heap" and any(one.startswith("central") for one in held))
            held.add(event.object)
        elif event.event == "lock.release":
            held.discard(event.object)


@pytest.mark.parametrize("call", ["mal", "free"])
async def test_a_nested_call_throws(call: str) -> None:
    async def main(rt: Runtime) -> None:
        rt.m.mallocing = 1
        await getattr(rt.malloc, call)(8)

    ran = await go(main, knobs=Knobs(gotraceback=0))

    assert ran.output[0] == "throw: malloc/free - deadlock"


async def test_as_told_a_nested_call_goes_ahead_and_the_flag_counts() -> None:
    seen: list[int] = []

    async def main(rt: Runtime) -> None:
        rt.m.mallocing = 1
        await rt.malloc.mal(8)
        seen.append(rt.m.mallocing)

    await go(main, knobs=Knobs(nested_malloc="block"))

    assert seen == [1]


async def test_the_flag_is_clear_afterwards() -> None:
    async def main(rt: Runtime) -> None:
        await rt.malloc.mal(SMALL)
        assert not rt.m.mallocing

    assert (await go(main)).outcome == "ok"


async def test_without_memory_it_throws_with_the_flag_set() -> None:
    async def main(rt: Runtime) -> None:
        await rt.malloc.mal(4 << 20)

    ran = await go(main, chaos=Fail("mmap", error="ENOMEM"), knobs=Knobs(gotraceback=0))

    assert ran.output[0] == "throw: out of memory"
    assert ran.rt.m0.mallocing == 1


async def test_freeing_what_was_not_allocated_throws() -> None:
    async def main(rt: Runtime) -> None:
        await rt.malloc.free(0x1234)

    ran = await go(main, knobs=Knobs(gotraceback=0))

    assert ran.output == ["free 0x1234: not an allocated block", "throw: free mlookup"]


async def test_allocmcache_takes_the_heap_lock_outside_malloc() -> None:
    async def main(rt: Runtime) -> None:
        await rt.heap.allocmcache()

    ran = await go(main, chaos=Fault("segv-low", at="allocmcache/FixAlloc"))

    assert ran.output[0].startswith("panic: runtime error")
    assert ran.signature == "deadlock [heap] in MHeap.Alloc"


async def test_a_stack_must_come_from_g0() -> None:
    async def main(rt: Runtime) -> None:
        await rt.malloc.stackalloc(8192)

    assert "throw: stackalloc not on scheduler stack" in (await go(main)).output


async def test_a_sampled_block_is_in_the_heap_profile() -> None:
    async def main(rt: Runtime) -> None:
        block = await rt.malloc.mal(SMALL)
        assert rt.mprof.address[block][-1] == "main.main"

    assert (await go(main, knobs=Knobs(memprofilerate=1))).outcome == "ok"


async def test_the_profile_allocates_with_proflock_held() -> None:
    async def main(rt: Runtime) -> None:
        await rt.malloc.mal(SMALL)

    ran = await go(main, knobs=Knobs(memprofilerate=1))
    events = [
        (event.event, event.object)
        for event in ran.history.events
        if event.region.startswith("main.main/mallocgc/MProf_Malloc")
    ]
    first = events.index(("lock.acquire", "proflock"))
    last = events.index(("lock.release", "proflock"))

    assert ("alloc", "") in events[first:last]


async def test_a_smashed_block_is_noticed_when_it_is_given_out() -> None:
    async def main(rt: Runtime) -> None:
        block = await rt.malloc.mal(64)
        await rt.malloc.free(block)
        rt.heap.smash(block + 8)
        await rt.malloc.mal(64)

    ran = await go(main, knobs=Knobs(seed1_fix=True))

    assert "unexpected fault address 0xdead00000000" in ran.output
