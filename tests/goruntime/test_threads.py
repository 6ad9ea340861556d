"""A new thread's windows: what each slot holds, and what a signal does there."""

from __future__ import annotations

import pytest

from emu.chaos.entries import Fail, Fault, Signal
from emu.engine.carrier import open_carriers
from emu.engine.chooser import Chooser
from emu.engine.machine import Machine
from emu.engine.scenario import scenario, setup
from emu.goruntime.knobs import Arch, Knobs
from emu.goruntime.m import G
from emu.goruntime.runtime import Runtime
from tests.goruntime.programs import Ran, go

ARCHES = ("386", "amd64")
NATIVE = ("W0", "W1", "W2", "W3", "W4", "W5")
CGO = ("C0", "C1", "C2", "W3", "W4", "W5")

SLOTS = {
    ("amd64", "W0"): ("garbage", "nil"),
    ("amd64", "W1"): ("garbage", "nil"),
    ("amd64", "W2"): ("garbage", "m"),
    ("amd64", "W3"): ("g0", "m"),
    ("386", "W0"): ("garbage", "nil"),
    ("386", "W1"): ("garbage", "nil"),
    ("386", "W2"): ("g0", "nil"),
    ("386", "W3"): ("g0", "m"),
}
"""What the g slot and the m slot hold in each window."""


async def start(knobs: Knobs, chaos: Fail | Fault | Signal | None = None, look=None) -> Ran:
    """Start one more M; `look(region, rt)` is called at each of its checkpoints."""

    async def main(rt: Runtime) -> None:
        done = rt.semaphore("done", 0)
        if look is not None:
            watch(rt, look)
        await rt.sched.newproc(done.release, "main.worker")
        await done.acquire()

    return await go(main, knobs=knobs, chaos=chaos)


def watch(rt: Runtime, look) -> None:
    checkpoint = rt.machine.checkpoint

    async def looking(*operation: str) -> str | None:
        if rt.machine.current.name == "M1":
            look(rt.machine.current.region, rt)
        return await checkpoint(*operation)

    rt.checkpoint = rt.machine.checkpoint = looking  # type: ignore[method-assign, assignment]


def slots(rt: Runtime) -> tuple[str, str]:
    tls = rt.tls
    g = tls.g.name if isinstance(tls.g, G) else "nil" if tls.g is None else "garbage"
    return g, "nil" if tls.m is None else "m"


@pytest.mark.parametrize(("arch", "window"), SLOTS)
async def test_the_slots_hold(arch: Arch, window: str) -> None:
    seen: list[tuple[str, str]] = []

    def look(region: str, rt: Runtime) -> None:
        if window in region.split("/"):
            seen.append(slots(rt))

    await start(Knobs(arch=arch, gomaxprocs=2), look=look)

    assert set(seen) == {SLOTS[arch, window]}


@pytest.mark.parametrize("fix", [False, True])
@pytest.mark.parametrize("window", NATIVE)
async def test_the_mask_is_the_creators_or_everything(fix: bool, window: str) -> None:
    seen: set[str] = set()

    def look(region: str, rt: Runtime) -> None:
        if window in region.split("/"):
            seen.add(str(rt.process.signals(rt.machine.current).mask))

    await start(Knobs(seed2_fix=fix, gomaxprocs=2), look=look)
    expected = {"all"} if fix else set() if window == "W5" else {"none"}

    assert seen == expected


@pytest.mark.parametrize("arch", ARCHES)
@pytest.mark.parametrize("window", NATIVE[:4])
async def test_a_signal_kills_in_window(arch: Arch, window: str) -> None:
    chaos = Signal("SIGCHLD", at=window, thread="M1")
    ran = await start(Knobs(arch=arch, gomaxprocs=2), chaos)

    assert ran.outcome == "killed SIGSEGV"


@pytest.mark.parametrize("arch", ARCHES)
@pytest.mark.parametrize("window", CGO[:4])
async def test_a_signal_kills_with_cgo_in_window(arch: Arch, window: str) -> None:
    chaos = Signal("SIGCHLD", at=window, thread="M1")
    ran = await start(Knobs(arch=arch, cgo=True, gomaxprocs=2), chaos)

    assert ran.outcome == "killed SIGSEGV"


@pytest.mark.parametrize("arch", ARCHES)
@pytest.mark.parametrize("window", NATIVE)
async def test_with_the_fix_a_signal_waits_in_window(arch: Arch, window: str) -> None:
    chaos = Signal("SIGCHLD", to="M1", at=window, thread="M1")
    ran = await start(Knobs(arch=arch, seed2_fix=True, gomaxprocs=2), chaos)
    delivered = ran.events("signal.deliver")[0]

    assert ran.outcome == "ok"
    assert (delivered.thread, delivered.fields["stack"]) == ("M1", "alternate")


@pytest.mark.parametrize("window", CGO)
async def test_with_the_fix_and_cgo_a_signal_waits_in_window(window: str) -> None:
    chaos = Signal("SIGCHLD", to="M1", at=window, thread="M1")
    ran = await start(Knobs(cgo=True, seed2_fix=True, gomaxprocs=2), chaos)

    assert ran.outcome == "ok"


async def test_cgo_cannot_mask_the_signal_that_libthr_keeps() -> None:
    chaos = Signal("SIGTHR", to="M1", at="C1", thread="M1")
    ran = await start(Knobs(cgo=True, seed2_fix=True, gomaxprocs=2), chaos)

    assert ran.outcome == "killed SIGSEGV"


@pytest.mark.parametrize("window", ["W0", "W1"])
@pytest.mark.parametrize(("arch", "address"), [("386", 44), ("amd64", 72)])
async def test_the_trampoline_reads_gsignal_through_a_nil_m(
    arch: Arch, address: int, window: str
) -> None:
    chaos = Signal("SIGCHLD", at=window, thread="M1")
    ran = await start(Knobs(arch=arch, gomaxprocs=2), chaos)

    assert ran.events("fault")[0].fields["address"] == address


@pytest.mark.parametrize(("arch", "faults"), [("386", 1), ("amd64", 2)])
async def test_the_double_fault_takes_one_trampoline_more_on_amd64(arch: Arch, faults: int) -> None:
    chaos = Signal("SIGCHLD", at="W3", thread="M1")
    ran = await start(Knobs(arch=arch, gomaxprocs=2), chaos)

    assert len(ran.events("fault")) == faults


@pytest.mark.parametrize(
    ("stacks", "outcome"), [("g0_above", "ok"), ("g0_below", "killed SIGSEGV")]
)
async def test_without_an_alternate_stack_the_order_of_stacks_decides(
    stacks: str, outcome: str
) -> None:
    chaos = Signal("SIGCHLD", at="W4", thread="M1")
    ran = await start(Knobs(stacks=stacks, gomaxprocs=2), chaos)  # type: ignore[arg-type]

    assert ran.outcome == outcome


@pytest.mark.parametrize(("signal", "smashed"), [("SIGCHLD", False), ("SIGQUIT", True)])
async def test_a_deep_handler_on_g0_runs_over_other_memory(signal: str, smashed: bool) -> None:
    chaos = Signal(signal, at="W4", thread="M1")
    ran = await start(Knobs(gomaxprocs=2), chaos)

    assert bool(ran.rt.heap.smashed) is smashed


@pytest.mark.parametrize("window", NATIVE)
async def test_with_the_fix_a_synchronous_fault_kills_in_window(window: str) -> None:
    chaos = Fault("segv-low", at=window, thread="M1")
    ran = await start(Knobs(seed2_fix=True, gomaxprocs=2), chaos)

    assert (ran.outcome, ran.output) == ("killed SIGSEGV", [])


async def nothing() -> None:
    """A goroutine that does nothing."""


@pytest.mark.parametrize("cgo", [False, True])
async def test_the_creator_gets_its_mask_back(cgo: bool) -> None:
    async def main(rt: Runtime) -> None:
        await rt.sigprocmask(rt.process.kernel.sigset("SIGUSR1"))
        await rt.sched.newproc(nothing, "main.worker")
        rt.machine.note(str(rt.process.signals(rt.machine.current).mask))

    ran = await go(main, knobs=Knobs(seed2_fix=True, gomaxprocs=2, cgo=cgo))

    assert ran.events("note")[0].fields["text"] == "SIGUSR1"


@pytest.mark.parametrize(("fix", "mask"), [(False, "SIGUSR1"), (True, "none")])
async def test_with_the_fix_minit_wipes_a_mask_that_came_from_exec(fix: bool, mask: str) -> None:
    @scenario()
    async def program(m: Machine) -> None:
        rt = Runtime(m, Knobs(seed2_fix=fix))
        own = rt.process.signals(m.current)
        own.mask = rt.process.kernel.sigset("SIGUSR1")

        async def main() -> None:
            m.note(str(own.mask))

        await rt.rt0(main)

    async with open_carriers() as carriers:
        history = await Machine(setup(program), Chooser(), carriers).run()

    assert [e.fields["text"] for e in history.events if e.event == "note"] == [mask]


async def test_a_new_thread_has_an_id_and_its_first_slot_the_ms_number() -> None:
    seen: list[object] = []

    def look(region: str, rt: Runtime) -> None:
        if region.endswith("W1"):
            seen.append(rt.tls.g)

    ran = await start(Knobs(gomaxprocs=2), look=look)

    assert (seen, ran.rt.allm[1].procid > 0) == ([1], True)


async def test_a_failed_thr_new_is_ignored() -> None:
    ran = await start(Knobs(gomaxprocs=2), Fail("thr_new", error="EPROCLIM"))

    assert (ran.outcome, len(ran.rt.allm), ran.objects("thread.spawn")) == ("stalled", 2, ["main"])


async def test_with_cgo_a_failed_thr_new_aborts() -> None:
    ran = await start(Knobs(cgo=True, gomaxprocs=2), Fail("thr_new", error="EAGAIN"))

    assert ran.signature == "exit 2 [SIGABRT, full trace]"


async def test_the_m_is_published_before_its_thread_exists() -> None:
    ran = await start(Knobs(gomaxprocs=2), Fault("segv-high", at="newosproc/thr_new"))

    assert (len(ran.rt.allm), ran.objects("thread.spawn")) == (2, ["main"])


async def test_with_cgo_and_the_fix_a_failed_thr_new_aborts_with_the_old_mask() -> None:
    ran = await start(
        Knobs(cgo=True, seed2_fix=True, gomaxprocs=2), Fail("thr_new", error="EAGAIN")
    )
    refused = ran.history.events.index(ran.events("syscall")[-1])
    masks = [
        event.fields["new"]
        for event in ran.history.events[refused:]
        if event.event == "signal.mask"
    ]

    assert masks[0] == "none"
