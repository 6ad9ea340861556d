"""The CPU profiler takes its lock in the handler, and nothing else."""

from __future__ import annotations

import pytest

from emu.chaos.entries import Fail, Signal
from emu.goruntime.knobs import Knobs
from emu.goruntime.runtime import Runtime
from emu.posix.action import IGNORE
from tests.goruntime.programs import go

HZ = 100


async def profiled(rt: Runtime) -> None:
    await rt.cpuprof.SetCPUProfileRate(HZ)
    await rt.checkpoint("work")
    await rt.cpuprof.SetCPUProfileRate(0)


async def test_a_tick_notes_the_stack_of_what_it_interrupted() -> None:
    ran = await go(profiled, chaos=Signal("SIGPROF", at="main.main/work"))

    assert ran.rt.cpuprof.log == [("main.main",)]


async def test_a_tick_without_a_profile_does_nothing() -> None:
    ran = await go(lambda rt: rt.checkpoint("work"), chaos=Signal("SIGPROF", at="main.main/work"))

    assert (ran.outcome, ran.rt.cpuprof.log) == ("ok", [])


async def test_the_table_is_built_before_the_timer_is_armed() -> None:
    async def main(rt: Runtime) -> None:
        await rt.cpuprof.SetCPUProfileRate(HZ)

    ran = await go(main)
    events = [(event.event, event.object) for event in ran.history.events]
    armed = [event.fields["when"] is not None for event in ran.events("timer.arm")]

    assert events.index(("lock.release", "funclock")) < events.index(("lock.acquire", "lk"))
    assert armed == [False, True]


@pytest.mark.parametrize("at", ["SetCPUProfileRate/lock", "SetCPUProfileRate/store prof"])
async def test_a_tick_while_the_rate_changes_is_harmless(at: str) -> None:
    ran = await go(profiled, chaos=Signal("SIGPROF", at=at))

    assert ran.outcome == "ok"


async def test_switched_off_the_signal_is_ignored() -> None:
    ran = await go(profiled)
    process = ran.rt.process

    assert process.dispositions[process.kernel.number("SIGPROF")].handler is IGNORE


async def test_another_m_applies_the_rate_when_it_picks_a_goroutine() -> None:
    async def main(rt: Runtime) -> None:
        await rt.cpuprof.SetCPUProfileRate(HZ)
        done = rt.semaphore("done", 0)
        await rt.sched.newproc(done.release, "main.worker")
        await done.acquire()

    ran = await go(main, knobs=Knobs(gomaxprocs=2))

    assert [m.profilehz for m in ran.rt.allm] == [HZ, HZ]


async def test_a_tick_in_malloc_needs_no_heap() -> None:
    async def main(rt: Runtime) -> None:
        await rt.cpuprof.SetCPUProfileRate(HZ)
        await rt.malloc.mal(100_000)

    ran = await go(main, chaos=Signal("SIGPROF", at="main.main/mallocgc/MHeap_Alloc/best fit"))

    assert (ran.outcome, len(ran.rt.cpuprof.log)) == ("ok", 1)


async def test_without_memory_for_the_log_there_is_no_profile() -> None:
    async def main(rt: Runtime) -> None:
        await rt.cpuprof.SetCPUProfileRate(HZ)

    ran = await go(main, chaos=Fail("mmap", error="ENOMEM", at="SetCPUProfileRate/mmap"))

    assert (ran.rt.cpuprof.on, ran.rt.cpuprof.lk.word) == (False, 0)
