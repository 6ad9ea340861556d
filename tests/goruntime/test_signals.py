"""The signal table, the trampoline, and what becomes of a fault."""

from __future__ import annotations

import pytest

from emu.chaos.entries import Fault, Signal
from emu.goruntime.arch import ARCHES
from emu.goruntime.knobs import Arch, Knobs
from emu.goruntime.runtime import Runtime
from emu.goruntime.sigtab import INSTALLED, SIGTAB
from emu.posix.action import DEFAULT
from tests.goruntime.programs import go, nothing

NIL = "panic: runtime error: invalid memory address or nil pointer dereference"


async def work(rt: Runtime) -> None:
    await rt.checkpoint("work")


async def hit_by(signal: str, knobs: Knobs | None = None, *wanted: str):
    async def main(rt: Runtime) -> None:
        if wanted:
            rt.ossignal.enable(*wanted)
        await rt.checkpoint("work")

    return await go(main, chaos=Signal(signal, at="main.main/work"), knobs=knobs)


@pytest.mark.parametrize("name", SIGTAB)
async def test_a_handler_is_installed_at_start_unless_the_table_says_to_wait(name: str) -> None:
    ran = await go(nothing)
    process = ran.rt.process
    handler = process.dispositions[process.kernel.number(name)].handler

    assert (handler is not DEFAULT) is (name in INSTALLED)


@pytest.mark.parametrize("signal", ["SIGHUP", "SIGINT", "SIGTERM"])
async def test_exits_quietly_by(signal: str) -> None:
    ran = await hit_by(signal)

    assert (ran.outcome, ran.output) == ("exit 2", [])


@pytest.mark.parametrize("signal", ["SIGQUIT", "SIGABRT", "SIGILL", "SIGTRAP", "SIGSYS"])
async def test_crashes_with_a_trace_by(signal: str) -> None:
    assert (await hit_by(signal)).signature == f"exit 2 [{signal}, full trace]"


@pytest.mark.parametrize("signal", ["SIGCHLD", "SIGPIPE", "SIGWINCH", "SIGUSR1", "SIGTHR"])
async def test_goes_on_after(signal: str) -> None:
    assert (await hit_by(signal)).outcome == "ok"


@pytest.mark.parametrize("signal", ["SIGHUP", "SIGQUIT", "SIGCHLD"])
async def test_a_wanted_signal_goes_to_the_program(signal: str) -> None:
    ran = await hit_by(signal, None, signal)

    assert (ran.outcome, ran.rt.ossignal.mask) == ("ok", {ran.rt.process.kernel.number(signal)})


async def test_a_nil_dereference_becomes_a_panic() -> None:
    ran = await go(work, chaos=Fault("segv-low", at="main.main/work"))

    assert ran.signature == f"exit 2 [{NIL}, full trace]"


async def test_the_signal_line_names_the_fault() -> None:
    ran = await go(work, chaos=Fault("segv-low", at="main.main/work"))

    assert "[signal SIGSEGV code=0x1 addr=0x10 pc=main.main]" in ran.output


@pytest.mark.parametrize("kind", ["segv-high", "bus"])
async def test_a_fault_elsewhere_throws(kind: str) -> None:
    ran = await go(work, chaos=Fault(kind, at="main.main/work"))

    assert ran.signature == "exit 2 [throw: fault, full trace]"


async def test_a_division_by_zero_becomes_a_panic() -> None:
    ran = await go(work, chaos=Fault("fpe", at="main.main/work"))

    assert "integer divide by zero" in ran.signature


async def test_sigpanic_runs_outside_the_handler_with_the_old_mask() -> None:
    ran = await go(work, chaos=Fault("segv-low", at="main.main/work"))
    said = next(event for event in ran.events("print") if event.fields["text"] == NIL)

    assert said.depth == 0


@pytest.mark.parametrize(("bug", "outcome"), [(True, "exit 2"), (False, "ok")])
async def test_a_sent_segv_is_taken_for_a_fault_only_by_the_wrong_si_user(
    bug: bool, outcome: str
) -> None:
    assert (await hit_by("SIGSEGV", Knobs(si_user_bug=bug))).outcome == outcome


@pytest.mark.parametrize(("arch", "masked"), [("386", True), ("amd64", False)])
async def test_segv_is_in_the_handler_mask_only_on_386(arch: Arch, masked: bool) -> None:
    ran = await go(nothing, knobs=Knobs(arch=arch))

    assert ("SIGSEGV" in ran.rt.signals.handler_mask) is masked


@pytest.mark.parametrize("arch", ARCHES)
async def test_a_handler_runs_on_the_signal_stack(arch: Arch) -> None:
    ran = await go(work, chaos=Signal("SIGCHLD", at="main.main/work"), knobs=Knobs(arch=arch))

    assert [event.fields["stack"] for event in ran.events("signal.deliver")] == ["alternate"]


@pytest.mark.parametrize(("arch", "outcome"), [("386", "killed SIGSEGV"), ("amd64", "exit 3")])
async def test_a_fault_in_the_crash_handler_kills_only_where_it_is_blocked(
    arch: Arch, outcome: str
) -> None:
    async def main(rt: Runtime) -> None:
        rt.symtab.nfunc = 1
        rt.m.mallocing = 1
        await rt.checkpoint("work")

    ran = await go(
        main,
        chaos=Signal("SIGQUIT", at="main.main/work"),
        knobs=Knobs(arch=arch, seed1_fix=True),
    )

    assert ran.outcome == outcome


async def test_the_g_slot_is_restored_after_a_handler() -> None:
    async def main(rt: Runtime) -> None:
        g = rt.g
        await rt.checkpoint("work")
        assert rt.g is g

    assert (await go(main, chaos=Signal("SIGCHLD", at="main.main/work"))).outcome == "ok"
