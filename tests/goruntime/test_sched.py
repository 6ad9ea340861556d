"""The scheduler: slots, hand-off, parking, and what it throws about."""

from __future__ import annotations

import pytest

from emu.goruntime.knobs import Knobs
from emu.goruntime.m import GDEAD
from emu.goruntime.runtime import Runtime
from tests.goruntime.programs import go


async def test_with_one_slot_one_m_runs_every_goroutine() -> None:
    async def main(rt: Runtime) -> None:
        done = rt.semaphore("done", 0)
        for _ in range(3):
            await rt.sched.newproc(done.release, "main.worker")
        for _ in range(3):
            await done.acquire()

    ran = await go(main)

    assert (ran.outcome, len(ran.rt.allm)) == ("ok", 1)


@pytest.mark.parametrize("slots", [2, 3])
async def test_a_free_slot_makes_an_m(slots: int) -> None:
    async def main(rt: Runtime) -> None:
        done = rt.semaphore("done", 0)
        for _ in range(slots - 1):
            await rt.sched.newproc(done.release, "main.worker")
        for _ in range(slots - 1):
            await done.acquire()

    ran = await go(main, knobs=Knobs(gomaxprocs=slots))

    assert (ran.outcome, len(ran.rt.allm)) == ("ok", slots)


async def test_other_ms_wait_until_main_has_started() -> None:
    ran = await go(lambda rt: rt.checkpoint("work"), knobs=Knobs(gomaxprocs=4), boot=True)

    assert len(ran.rt.allm) == 1


async def test_a_goroutine_goes_on_where_it_left_off_on_any_m() -> None:
    async def main(rt: Runtime) -> None:
        for turn in range(3):
            rt.machine.note(str(turn))
            await rt.sched.gosched()

    ran = await go(main)

    assert [event.fields["text"] for event in ran.events("note")] == ["0", "1", "2"]


async def test_a_goroutine_keeps_its_regions_when_it_comes_back() -> None:
    async def main(rt: Runtime) -> None:
        with rt.machine.region("inside"):
            await rt.sched.gosched()
            assert rt.machine.current.region == "main.main/inside"
        assert rt.machine.current.region == "main.main"

    assert (await go(main)).outcome == "ok"


async def test_gosched_with_a_lock_held_throws() -> None:
    async def main(rt: Runtime) -> None:
        await rt.mprof.proflock.lock()
        await rt.sched.gosched()

    assert "throw: gosched holding locks" in (await go(main)).output


async def test_when_nothing_can_ever_run_it_throws() -> None:
    async def main(rt: Runtime) -> None:
        await rt.semaphore("never", 0).acquire()

    ran = await go(main)

    assert ran.output[0] == "throw: all goroutines are asleep - deadlock!"


async def test_a_goroutine_that_ends_is_dead() -> None:
    async def main(rt: Runtime) -> None:
        done = rt.semaphore("done", 0)
        gp = await rt.sched.newproc(done.release, "main.worker")
        await done.acquire()
        while gp.status != GDEAD:
            await rt.sched.gosched()

    assert (await go(main)).outcome == "ok"


async def test_a_system_call_gives_its_slot_to_another_goroutine() -> None:
    async def main(rt: Runtime) -> None:
        await rt.sched.newproc(lambda: note(rt), "main.worker")
        await rt.sched.entersyscall()
        await rt.machine.sleep(1)
        rt.machine.note("back")
        await rt.sched.exitsyscall()

    async def note(rt: Runtime) -> None:
        rt.machine.note("worker")

    ran = await go(main)

    assert [event.fields["text"] for event in ran.events("note")] == ["worker", "back"]


async def test_matchmg_does_nothing_in_malloc_or_in_the_collector() -> None:
    async def main(rt: Runtime) -> None:
        rt.m.gcing = 1
        await rt.sched.newproc(rt.sched.gosched, "main.worker")
        rt.m.gcing = 0

    ran = await go(main, knobs=Knobs(gomaxprocs=2))

    assert len(ran.rt.allm) == 1


async def test_a_goroutine_that_is_left_parked_is_ended_with_the_run() -> None:
    ended: list[str] = []

    async def main(rt: Runtime) -> None:
        await rt.sched.newproc(lambda: sleeper(rt), "main.worker")
        await rt.sched.gosched()

    async def sleeper(rt: Runtime) -> None:
        try:
            await rt.sched.park("for ever")
        finally:
            ended.append("ended")

    await go(main)

    assert ended == ["ended"]


async def test_the_scavenger_sleeps_on_an_m_of_its_own() -> None:
    async def main(rt: Runtime) -> None:
        await rt.checkpoint("work")

    ran = await go(main, knobs=Knobs(scavenger=True))

    assert (ran.outcome, len(ran.rt.allm)) == ("ok", 2)


async def test_the_scavenger_takes_the_heap_lock_once_a_minute_outside_malloc() -> None:
    async def main(rt: Runtime) -> None:
        await rt.sched.entersyscall()
        await rt.machine.sleep(61)
        await rt.sched.exitsyscall()

    ran = await go(main, knobs=Knobs(scavenger=True))
    taken = [
        event
        for event in ran.events("lock.acquire")
        if event.region.endswith("MHeap_Scavenger") and event.t > 60_000_000_000
    ]

    assert [event.object for event in taken] == ["heap"]
