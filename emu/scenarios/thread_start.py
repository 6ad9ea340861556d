"""A signal or a fault while an M comes to life: a new one, or the first."""

from __future__ import annotations

from emu.chaos.plan import Fault, Plan, Signal
from emu.engine.machine import Machine
from emu.engine.param import Some
from emu.engine.scenario import scenario
from emu.goruntime.knobs import Arch, InitsigPlace, Knobs, StackOrder
from emu.goruntime.runtime import Runtime
from emu.scenarios.goactivities import allocate
from emu.scenarios.goprogram import run_program

HZ = 100


@scenario(
    expect="killed SIGSEGV",
    chaos=Plan(
        (
            Signal("SIGCHLD", at="newosproc"),
            Signal("SIGCHLD", at="libcgo_thread_start"),
            Signal("SIGCHLD", thread="M1"),
        )
    ),
)
async def signal_at_thread_start(
    m: Machine,
    *,
    fix: bool = False,
    arch: Arch = "amd64",
    cgo: bool = False,
    stacks: StackOrder = "g0_above",
    profile: bool = False,
    gomaxprocs: Some = 2,
) -> None:
    """A goroutine needs a new M; a signal comes to the process while that starts."""
    rt = Runtime(
        m,
        Knobs(
            arch=arch,
            seed2_fix=fix,
            cgo=cgo,
            stacks=stacks,
            gomaxprocs=gomaxprocs,
        ),
    )

    async def main(rt: Runtime) -> None:
        if profile:
            await rt.cpuprof.SetCPUProfileRate(HZ)
        for _ in range(gomaxprocs - 1):
            await rt.sched.newproc(worker, "main.worker")
        await allocate(rt)
        for _ in range(gomaxprocs - 1):
            await done.acquire()
        assert not rt.heap.smashed, "a stack ran over other memory"

    async def worker() -> None:
        await allocate(rt)
        await done.release()

    done = rt.semaphore("done", 0)
    await run_program(rt, main)


@scenario(
    expect="killed SIGSEGV",
    chaos=Plan((Fault("segv-low", thread="M1"), Fault("segv-low", at="newosproc/sigprocmask"))),
)
async def fault_at_thread_start(
    m: Machine, *, fix: bool = True, arch: Arch = "amd64", cgo: bool = False
) -> None:
    """A synchronous fault where every signal may be masked: on a new M, or while one is made."""
    rt = Runtime(m, Knobs(arch=arch, seed2_fix=fix, cgo=cgo, gomaxprocs=2))
    done = rt.semaphore("done", 0)

    async def main(rt: Runtime) -> None:
        await rt.sched.newproc(done.release, "main.worker")
        await done.acquire()

    await run_program(rt, main)


@scenario(
    expect="killed SIGSEGV",
    chaos=Plan((Signal("SIGCHLD"),)),
)
async def signal_at_bootstrap(
    m: Machine,
    *,
    fix: bool = True,
    arch: Arch = "amd64",
    cgo: bool = False,
    initsig: InitsigPlace = "check",
) -> None:
    """A signal comes while the first M sets the runtime up."""
    rt = Runtime(m, Knobs(arch=arch, seed2_fix=fix, cgo=cgo, initsig=initsig))

    async def main() -> None:
        await allocate(rt)

    await rt.rt0(main)


@scenario(expect="ok", chaos=Plan((Signal("SIGPROF", to="here", at="newosproc"),)))
async def profile_at_newosproc(m: Machine, *, fix: bool = False, arch: Arch = "amd64") -> None:
    """The profiler's signal comes to the M that makes another, with `sched` held: harmless."""
    rt = Runtime(m, Knobs(arch=arch, seed2_fix=fix, gomaxprocs=2))
    done = rt.semaphore("done", 0)

    async def main(rt: Runtime) -> None:
        await rt.cpuprof.SetCPUProfileRate(HZ)
        # No tick but those that chaos sends: the timer is off, and no M arms it again.
        await rt.process.setitimer("ITIMER_PROF", 0)
        rt.sched.profilehz = rt.m.profilehz = 0
        await rt.sched.newproc(done.release, "main.worker")
        await done.acquire()

    await run_program(rt, main)
