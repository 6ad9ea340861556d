"""A fault in the allocator from which the program recovers: the runtime is not what it was."""

from __future__ import annotations

from emu.chaos.plan import Fault, Plan
from emu.engine.machine import Machine
from emu.engine.param import Whole
from emu.engine.scenario import scenario
from emu.goruntime.invariants import violations
from emu.goruntime.knobs import Arch, Knobs, SymtabKnob
from emu.goruntime.m import Panicking
from emu.goruntime.runtime import Runtime
from emu.scenarios.goactivities import COMPANY, WORK, Company, Work
from emu.scenarios.goprogram import run_program


@scenario(expect="assertion", chaos=Plan((Fault("segv-low", at="main.main/mallocgc"),)))
async def recovered_fault(
    m: Machine,
    *,
    work: Work = "malloc",
    others: Company = "gc",
    fix: bool = True,
    arch: Arch = "amd64",
    symtab: SymtabKnob = "lazy",
    memprofilerate: Whole = 1,
) -> None:
    """A deferred call recovers from a fault in malloc; then the program checks the runtime."""
    workers = [WORK[name] for name in COMPANY[others]]
    knobs = Knobs(
        arch=arch,
        symtab=symtab,
        seed1_fix=fix,
        gomaxprocs=1 + len(workers),
        memprofilerate=memprofilerate,
    )

    async def recovers(panicking: Panicking | None) -> bool:
        return panicking is not None

    async def main(rt: Runtime) -> None:
        await rt.panic.deferring(recovers, lambda: WORK[work](rt))
        wrong = violations(rt)
        assert not wrong, "; ".join(wrong)

    await run_program(Runtime(m, knobs), main, *workers)
