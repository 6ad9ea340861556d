"""Each row of issue 1777 turns up where it should and nowhere else, from a fixed seed."""

from __future__ import annotations

from typing import Any

import pytest

from emu.chaos.entries import Stall
from emu.chaos.plan import Fault, Plan, Signal
from emu.engine.scenario import Scenario, setup
from emu.record.finding import Expectation
from emu.scenarios import malloc_fault, recovered_fault
from emu.search.exploration import Exploration
from emu.search.explore import explore

NESTED = "throw: malloc/free - deadlock"
FRAMES = ("hidden frames", "no frames", "frames without lines", "frames without files")
UNLOCKED = Plan((Fault("segv-low", at="mallocgc/markallocated", thread="main"),))
MAIN = Plan((Fault("segv-low", at="mallocgc", thread="main"),))
LOCKED = Plan((Fault("segv-low", at="MHeap_Alloc", thread="main"),))
QUIT = Plan((Signal("SIGQUIT", to="here", at="mallocgc", thread="main"),))
HIGH = Plan((Fault("segv-high", at="mallocgc"),))
BOTH = pytest.mark.parametrize("fix", [False, True], ids=["before", "after"])
ARCHES = pytest.mark.parametrize("arch", ["386", "amd64"])


async def explored(
    program: Scenario, runs: int = 100, chaos: Plan | None = None, **params: Any
) -> Exploration:
    return await explore(setup(program, params, chaos), runs=runs, seed=7, stop="budget")


async def finds(
    program: Scenario, *wanted: str, runs: int = 1_000, chaos: Plan | None = None, **params: Any
) -> bool:
    expectation = Expectation(some=wanted)
    made = setup(program, params, chaos)
    found = await explore(made, runs=runs, seed=7, stop="met", expectation=expectation)
    return not expectation.missing(found.seen)


@ARCHES
async def test_f1_01_before_exits_with_3_without_a_trace(arch: str) -> None:
    assert await finds(malloc_fault.fault_in_malloc, f"exit 3 [{NESTED}, no trace]", arch=arch)


@ARCHES
async def test_f1_01_after_exits_with_2_and_headers_but_no_frames(arch: str) -> None:
    found = await explored(malloc_fault.fault_in_malloc, fix=True, arch=arch)
    trace = next(one.finding.trace for one in found.findings if NESTED in one.signature)

    assert set(found.outcomes) <= {"ok", "exit 2"}
    assert trace[0] == NESTED
    assert trace[1].startswith("[signal SIGSEGV code=0x1 addr=0x10 pc=")
    assert trace[2:] == ("", "goroutine 1 [running]:")
    assert f"exit 2 [{NESTED}, no symbols]" in [one.signature for one in found.findings]


@pytest.mark.parametrize("chaos", [None, HIGH], ids=["low", "high"])
async def test_as_told_before_waits_for_the_heap_lock_that_it_holds(chaos: Plan | None) -> None:
    assert await finds(
        malloc_fault.fault_in_malloc,
        "deadlock [heap] in MHeap.Alloc",
        nested_malloc="block",
        chaos=chaos,
    )


@pytest.mark.parametrize("chaos", [None, HIGH], ids=["low", "high"])
async def test_as_told_after_does_not(chaos: Plan | None) -> None:
    found = await explored(
        malloc_fault.fault_in_malloc, fix=True, nested_malloc="block", chaos=chaos
    )

    assert set(found.outcomes) <= {"ok", "exit 2"}


@BOTH
async def test_with_the_table_built_at_bootstrap_every_trace_is_full(fix: bool) -> None:
    found = await explored(malloc_fault.fault_in_malloc, fix=fix, symtab="at_bootstrap")

    assert all(one.signature.endswith("full trace]") for one in found.findings)


async def test_f1_05_before_the_collector_waits_for_its_own_lock() -> None:
    assert await finds(malloc_fault.fault_in_gc, "deadlock [heap] in *", "deadlock [central*")


async def test_f1_05_after_the_collector_dies_without_frames() -> None:
    found = await explored(malloc_fault.fault_in_gc, fix=True)

    assert set(found.outcomes) <= {"ok", "exit 2"}


async def test_f1_07_before_funclock_and_heap_deadlock() -> None:
    assert await finds(malloc_fault.fault_in_malloc_among, "deadlock [funclock, heap] in *")


async def test_f1_07_after_there_is_no_deadlock() -> None:
    found = await explored(malloc_fault.fault_in_malloc_among, fix=True, runs=300)

    assert set(found.outcomes) <= {"ok", "exit 2", "exit 3"}


async def test_f1_08_before_a_reader_waits_and_prints_a_full_trace() -> None:
    assert await finds(
        malloc_fault.fault_in_malloc_among, f"exit 2 [{NESTED}, full trace]", chaos=UNLOCKED
    )


async def test_f1_08_never_deadlocks() -> None:
    found = await explored(malloc_fault.fault_in_malloc_among, chaos=UNLOCKED)

    assert set(found.outcomes) <= {"ok", "exit 2", "exit 3"}


@BOTH
async def test_f1_11_paniclk_and_funclock_deadlock(fix: bool) -> None:
    assert await finds(
        malloc_fault.fault_in_buildfuncs_among, "deadlock [funclock, paniclk] in *", fix=fix
    )


@BOTH
async def test_r1_01a_heap_and_paniclk_deadlock(fix: bool) -> None:
    assert await finds(
        malloc_fault.fault_in_malloc_among,
        "deadlock [heap, paniclk] in *",
        others="panic",
        chaos=LOCKED,
        fix=fix,
    )


async def test_r1_01b_after_an_m_parks_with_the_heap_lock() -> None:
    assert await finds(
        malloc_fault.fault_in_malloc_among,
        "stalled [heap, deadlock] in MHeap.Alloc, Panic.dopanic",
        others="panic",
        chaos=LOCKED,
        fix=True,
    )


async def test_r1_01b_before_no_m_parks_with_a_lock() -> None:
    found = await explored(
        malloc_fault.fault_in_malloc_among, others="panic", chaos=LOCKED, runs=300
    )

    assert "stalled" not in found.outcomes


@pytest.mark.slow
async def test_r1_01c_after_three_ms_hang_behind_the_parked_one() -> None:
    assert await finds(
        malloc_fault.fault_in_malloc_among,
        "stalled [funclock, heap, deadlock] in *",
        others="findfunc and panic",
        chaos=LOCKED,
        fix=True,
        runs=10_000,
    )


@BOTH
async def test_r1_02_the_builder_waits_for_its_own_lock(fix: bool) -> None:
    assert await finds(
        malloc_fault.fault_in_buildfuncs, "deadlock [funclock] in Symtab.findfunc", fix=fix
    )


@pytest.mark.parametrize(
    ("arch", "end"),
    [("386", "killed SIGSEGV in Symtab.*"), ("amd64", "exit 3 [SIGQUIT, no trace]")],
)
async def test_r1_04a_a_crash_handler_after_the_fix_ends_by_architecture(
    arch: str, end: str
) -> None:
    assert await finds(malloc_fault.fault_in_malloc_among, end, chaos=QUIT, fix=True, arch=arch)


async def test_r1_04b_after_one_m_suffices() -> None:
    chaos = Plan((Fault("segv-low", at="buildfuncs/phase2/mallocgc"),))

    assert await finds(
        malloc_fault.fault_in_buildfuncs, f"exit 3 [{NESTED}, no trace]", chaos=chaos
    )


async def test_r1_04_after_traces_come_out_of_a_half_built_table() -> None:
    wanted = [f"exit 2 [{NESTED}, {quality}]" for quality in FRAMES]

    assert await finds(malloc_fault.fault_in_malloc_among, *wanted, fix=True)


@pytest.mark.parametrize(
    ("phase", "quality"),
    [
        (4, "hidden frames"),
        (5, "no frames"),
        (6, "wrong frames"),
        (7, "frames without lines"),
        (8, "frames without files"),
    ],
)
async def test_r1_04_after_the_phase_of_a_stalled_builder_decides_how(
    phase: int, quality: str
) -> None:
    chaos = Plan((*MAIN.entries, Stall(thread="M1", at=f"buildfuncs/phase{phase}")))

    assert await finds(
        malloc_fault.fault_in_malloc_among,
        f"exit 2 [{NESTED}, {quality}]",
        chaos=chaos,
        fix=True,
        runs=200,
    )


async def test_r1_04_before_no_trace_does() -> None:
    found = await explored(malloc_fault.fault_in_malloc_among, runs=300)

    assert not any(quality in one.signature for one in found.findings for quality in FRAMES)


async def test_a_fault_that_is_recovered_from_leaves_a_lock_behind() -> None:
    found = await explored(recovered_fault.recovered_fault, runs=300)
    sentences = [one.finding.sentence for one in found.findings]

    assert any("has left proflock locked" in sentence for sentence in sentences)
