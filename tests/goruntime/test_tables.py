"""Timers, itabs and finalisers allocate under locks of their own."""

from __future__ import annotations

from functools import partial

import pytest

from emu.goruntime.knobs import Knobs
from emu.goruntime.runtime import Runtime
from emu.scenarios.goactivities import convert, finalise, sleep
from tests.goruntime.programs import Program, go


@pytest.mark.parametrize(
    ("work", "lock"), [(sleep, "timers"), (convert, "ifacelock"), (finalise, "fintab")]
)
async def test_allocates_under_its_lock(work: Program, lock: str) -> None:
    ran = await go(work)
    kinds = [
        event.event
        for event in ran.history.events
        if event.object.startswith(lock) or event.event == "alloc"
    ]
    first = kinds.index("lock.acquire")

    assert ran.outcome == "ok"
    assert "alloc" in kinds[first : kinds.index("lock.release", first)]


async def test_a_sleep_lasts_as_long_as_it_should() -> None:
    async def main(rt: Runtime) -> None:
        before = rt.machine.now
        await rt.timers.sleep(1_000_000)
        assert 1_000_000 <= rt.machine.now - before < 2_000_000

    assert (await go(main)).outcome == "ok"


async def test_sleepers_wake_in_the_order_of_their_times() -> None:
    order: list[int] = []

    async def main(rt: Runtime) -> None:
        async def sleeper(duration: int) -> None:
            await rt.timers.sleep(duration)
            order.append(duration)
            await done.release()

        done = rt.semaphore("done", 0)
        for duration in (3_000_000, 1_000_000, 2_000_000):
            await rt.sched.newproc(partial(sleeper, duration), "main.worker")
        for _ in range(3):
            await done.acquire()

    ran = await go(main, knobs=Knobs(gomaxprocs=2))

    assert (ran.outcome, order) == ("ok", [1_000_000, 2_000_000, 3_000_000])


async def test_an_itab_is_made_once() -> None:
    async def main(rt: Runtime) -> None:
        assert await rt.itabs.get("T to I") == await rt.itabs.get("T to I")

    assert (await go(main)).outcome == "ok"
