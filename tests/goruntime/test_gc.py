"""The collector: who has a flag, who helps, and what stops it."""

from __future__ import annotations

import pytest

from emu.chaos.entries import Fault
from emu.goruntime.knobs import Knobs
from emu.goruntime.runtime import Runtime
from emu.scenarios.goactivities import allocate, collect
from tests.goruntime.programs import go

TWO = Knobs(gomaxprocs=2)


async def test_garbage_can_be_allocated_again() -> None:
    async def main(rt: Runtime) -> None:
        block = await rt.malloc.mal(100_000)
        rt.gc.garbage.append(block)
        await rt.gc.gc(force=True)
        assert await rt.malloc.mal(100_000) == block

    assert (await go(main)).outcome == "ok"


async def test_gcing_is_set_on_the_driver_and_mallocing_is_not() -> None:
    flags: list[tuple[int, int]] = []

    async def main(rt: Runtime) -> None:
        sweep = rt.gc._sweep

        async def looking() -> None:
            flags.append((rt.m.gcing, rt.m.mallocing))
            await sweep()

        rt.gc._sweep = looking  # type: ignore[method-assign]
        await rt.gc.gc(force=True)

    await go(main)

    assert flags == [(1, 0)]


async def test_a_helper_sweeps_without_any_flag() -> None:
    flags: list[tuple[str, int, int]] = []

    async def main(rt: Runtime) -> None:
        sweep = rt.gc._sweep

        async def looking() -> None:
            flags.append((rt.machine.current.name, rt.m.gcing, rt.m.mallocing))
            await sweep()

        rt.gc._sweep = looking  # type: ignore[method-assign]
        while not rt.sched.parked:
            await rt.machine.yield_now()
        await rt.gc.gc(force=True)

    await go(main, allocate, knobs=TWO)

    assert ("M1", 0, 0) in flags


@pytest.mark.parametrize("reason", ["locks", "panicking", "disabled", "GOGC=off"])
async def test_it_refuses(reason: str) -> None:
    async def main(rt: Runtime) -> None:
        rt.m.locks += reason == "locks"
        rt.panic.panicking += reason == "panicking"
        rt.gc.enabled = reason != "disabled"
        await rt.gc.gc(force=True)
        assert not rt.gc.collections

    knobs = Knobs(gogc=-1 if reason == "GOGC=off" else 100)

    assert (await go(main, knobs=knobs)).outcome == "ok"


async def test_a_heap_that_grows_is_collected() -> None:
    async def main(rt: Runtime) -> None:
        for _ in range(50):
            rt.gc.garbage.append(await rt.malloc.mal(100_000))
        assert rt.gc.collections

    assert (await go(main)).outcome == "ok"


async def test_the_world_stops_for_a_collection() -> None:
    seen: list[int] = []

    async def main(rt: Runtime) -> None:
        mark = rt.gc.markgate.unlock

        async def looking() -> None:
            seen.append(rt.sched.mcpu)
            await mark()

        rt.gc.markgate.unlock = looking  # type: ignore[method-assign]
        await collect(rt)

    ran = await go(main, allocate, knobs=TWO)

    assert (ran.outcome, seen[0]) == ("ok", 1)


async def test_a_finaliser_runs_afterwards() -> None:
    async def main(rt: Runtime) -> None:
        rt.gc.finq.append("close")
        await rt.gc.gc(force=True)

    ran = await go(main)

    assert [event.fields["text"] for event in ran.events("note")] == ["finaliser close"]


async def test_a_fault_of_the_driver_throws_panic_during_gc() -> None:
    ran = await go(collect, chaos=Fault("segv-low", at="mark"), knobs=Knobs(gotraceback=0))

    assert ran.output[:2] == [
        "panic: invalid memory address or nil pointer dereference",
        "throw: panic during gc",
    ]


async def test_reading_statistics_stops_the_world_with_the_flag_set() -> None:
    ran = await go(
        lambda rt: rt.gc.readmemstats(),
        chaos=Fault("segv-low", at="ReadMemStats/copy mstats"),
        knobs=Knobs(gotraceback=0),
    )

    assert "throw: panic during gc" in ran.output


async def test_malloc_yields_to_a_collection_before_it_looks_at_its_flag() -> None:
    async def main(rt: Runtime) -> None:
        rt.gc.waiting = True
        rt.m.mallocing = 1
        await rt.malloc.mal(8)

    ran = await go(main, knobs=Knobs(gotraceback=0))
    scheduled = [event for event in ran.events("lock.acquire") if event.object == "sched"]

    assert scheduled[-1].step > 0
    assert ran.output == ["throw: malloc/free - deadlock"]
