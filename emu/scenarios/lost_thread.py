"""A thread that the kernel refuses, and that the scheduler counts all the same."""

from __future__ import annotations

from emu.chaos.plan import Fail, Plan
from emu.engine.machine import Machine
from emu.engine.param import Some
from emu.engine.scenario import scenario
from emu.goruntime.knobs import Arch, Knobs
from emu.goruntime.runtime import Runtime
from emu.scenarios.goprogram import run_program


@scenario(expect="stalled", chaos=Plan((Fail("thr_new", error="EPROCLIM"),)))
async def lost_thread(
    m: Machine,
    *,
    fix: bool = True,
    arch: Arch = "amd64",
    cgo: bool = False,
    gomaxprocs: Some = 1,
    thr_limit: Some = 1_500,
) -> None:
    """A goroutine is given to a thread that does not exist; then somebody wants the slot back."""
    rt = Runtime(
        m, Knobs(arch=arch, seed2_fix=fix, cgo=cgo, gomaxprocs=gomaxprocs, thr_limit=thr_limit)
    )
    done = rt.semaphore("done", 0)

    async def main(rt: Runtime) -> None:
        await rt.sched.newproc(done.release, "main.worker")
        await rt.sched.entersyscall()
        await m.checkpoint("read")
        await rt.sched.exitsyscall()
        await rt.gc.gc(force=True)
        await done.acquire()

    await run_program(rt, main)
