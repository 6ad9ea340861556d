"""The checks of a healthy runtime see what is wrong, and nothing else."""

from __future__ import annotations

from emu.chaos.entries import Fail
from emu.goruntime.invariants import leaked_locks, lost_slots, miscounted, poisoned_ms, violations
from emu.goruntime.knobs import Knobs
from emu.goruntime.runtime import Runtime
from emu.scenarios.goactivities import collect
from tests.goruntime.programs import go


async def test_a_healthy_runtime_has_no_violation() -> None:
    async def main(rt: Runtime) -> None:
        await collect(rt)
        assert not violations(rt)

    assert (await go(main, collect, knobs=Knobs(gomaxprocs=2))).outcome == "ok"


async def test_a_flag_that_stays_set_poisons_an_m() -> None:
    async def main(rt: Runtime) -> None:
        rt.m.mallocing = 1
        assert poisoned_ms(rt) == ["M0 is outside malloc, but mallocing is set"]

    assert (await go(main)).outcome == "ok"


async def test_a_lock_that_stays_held_is_leaked() -> None:
    async def main(rt: Runtime) -> None:
        await rt.mprof.proflock.lock()
        assert leaked_locks(rt) == ["M0 has left proflock locked"]

    assert (await go(main)).outcome == "ok"


async def test_a_phantom_keeps_a_slot() -> None:
    async def main(rt: Runtime) -> None:
        await rt.sched.newproc(lambda: collect(rt), "main.worker")
        assert lost_slots(rt) == ["goroutine 2 waits for M1, which has no thread"]

    ran = await go(main, knobs=Knobs(gomaxprocs=2), chaos=Fail("thr_new"))

    assert ran.outcome == "ok"


async def test_more_goroutines_than_slots_are_miscounted() -> None:
    async def main(rt: Runtime) -> None:
        rt.sched.mcpu = 0
        assert miscounted(rt) == ["1 goroutines run, but mcpu is 0"]

    assert (await go(main)).outcome == "ok"
