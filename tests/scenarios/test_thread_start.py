"""Each row of issue 3017 turns up where it should and nowhere else, from a fixed seed."""

from __future__ import annotations

from typing import Any

import pytest

from emu.chaos.plan import Fail, Fault, Plan, Signal
from emu.engine.scenario import Scenario, setup
from emu.scenarios import lost_thread, thread_start
from emu.search.exploration import Exploration
from emu.search.explore import explore

ARCHES = pytest.mark.parametrize("arch", ["386", "amd64"])
CGO = pytest.mark.parametrize("cgo", [False, True], ids=["native", "cgo"])
BOTH = pytest.mark.parametrize("fix", [False, True], ids=["before", "after"])
SIGNALS = ("SIGCHLD", "SIGWINCH", "SIGURG", "SIGIO", "SIGALRM")


async def explored(
    program: Scenario, runs: int = 60, chaos: Plan | None = None, **params: Any
) -> Exploration:
    return await explore(setup(program, params, chaos), runs=runs, seed=3, stop="budget")


def signatures(found: Exploration) -> set[str]:
    return {one.signature for one in found.findings}


@ARCHES
@CGO
async def test_before_a_signal_for_the_process_kills_while_a_thread_starts(
    arch: str, cgo: bool
) -> None:
    found = await explored(thread_start.signal_at_thread_start, arch=arch, cgo=cgo)

    assert set(found.outcomes) == {"ok", "killed SIGSEGV"}


@ARCHES
@CGO
async def test_after_it_never_does(arch: str, cgo: bool) -> None:
    found = await explored(
        thread_start.signal_at_thread_start, arch=arch, cgo=cgo, fix=True, runs=150
    )

    assert set(found.outcomes) == {"ok"}


@BOTH
@pytest.mark.parametrize("signal", SIGNALS)
async def test_any_handled_signal_will_do(signal: str, fix: bool) -> None:
    chaos = Plan((Signal(signal, thread="M1"),))
    found = await explored(thread_start.signal_at_thread_start, chaos=chaos, fix=fix)

    assert ("killed SIGSEGV" in found.outcomes) is not fix


async def test_the_bug_says_nothing_before_it_kills() -> None:
    found = await explored(thread_start.signal_at_thread_start)

    assert [one.finding.trace for one in found.findings] == [()] * len(found.findings)


async def test_t2_05_a_deep_handler_leaves_other_memory_overrun() -> None:
    chaos = Plan((Signal("SIGPROF", to="here", at="W4", thread="M1"),))
    found = await explored(thread_start.signal_at_thread_start, chaos=chaos, profile=True)

    assert "assertion" in found.outcomes


@ARCHES
@BOTH
async def test_t2_12_the_profilers_signal_in_newosproc_is_harmless(arch: str, fix: bool) -> None:
    found = await explored(thread_start.profile_at_newosproc, arch=arch, fix=fix)

    assert set(found.outcomes) == {"ok"}


@ARCHES
@BOTH
async def test_r2_01_the_first_m_is_not_protected(arch: str, fix: bool) -> None:
    found = await explored(thread_start.signal_at_bootstrap, arch=arch, fix=fix)

    assert signatures(found) == {"killed SIGSEGV in Stacks.prologue"}


async def test_r2_01_handlers_installed_after_minit_protect_it() -> None:
    found = await explored(thread_start.signal_at_bootstrap, initsig="after_minit")

    assert set(found.outcomes) == {"ok"}


@ARCHES
@BOTH
async def test_r2_02_a_fault_on_a_masked_thread_kills(arch: str, fix: bool) -> None:
    chaos = Plan((Fault("segv-low", at="W3", thread="M1"),))
    found = await explored(thread_start.fault_at_thread_start, arch=arch, fix=fix, chaos=chaos)

    assert set(found.outcomes) == {"ok", "killed SIGSEGV"}


async def test_r2_02_so_does_the_crash_on_purpose_of_the_mask_wrapper() -> None:
    chaos = Plan((Fail("sigprocmask", error="EINVAL", at="W5"),))
    found = await explored(thread_start.fault_at_thread_start, chaos=chaos)

    assert "killed SIGSEGV" in found.outcomes


@BOTH
@pytest.mark.parametrize(
    ("gomaxprocs", "signature"),
    [(1, "stalled [M0 havenextg] in Sched._park"), (2, "stalled [stopped] in World.stoptheworld")],
)
async def test_r2_03_a_lost_thread_keeps_its_slot(
    gomaxprocs: int, signature: str, fix: bool
) -> None:
    found = await explored(lost_thread.lost_thread, gomaxprocs=gomaxprocs, fix=fix)

    assert signatures(found) == {signature}


async def test_r2_03_happens_at_the_kernels_own_limit() -> None:
    found = await explored(lost_thread.lost_thread, thr_limit=1, chaos=Plan())

    assert set(found.outcomes) == {"stalled"}
