"""A fault in the allocator, which leads to the symbol table, which leads to the allocator.

One M is enough. With more, the locks of the dying M meet the locks of those that live.
"""

from __future__ import annotations

from emu.chaos.plan import Fault, Plan
from emu.engine.machine import Machine
from emu.engine.param import Some, Whole
from emu.engine.scenario import scenario
from emu.goruntime.knobs import Arch, Knobs, NestedMalloc, SymtabKnob
from emu.goruntime.runtime import Runtime
from emu.scenarios.goactivities import COMPANY, SAMPLED, WORK, Company, Work, look_up
from emu.scenarios.goprogram import run_program


@scenario(expect="exit 3", chaos=Plan((Fault("segv-low", at="mallocgc"),)))
async def fault_in_malloc(
    m: Machine,
    *,
    fix: bool = False,
    arch: Arch = "amd64",
    symtab: SymtabKnob = "lazy",
    nested_malloc: NestedMalloc = "throw",
    work: Work = "malloc",
    gotraceback: Whole = 1,
    memprofilerate: Whole = SAMPLED,
    si_user_bug: bool = True,
) -> None:
    """One M allocates; a fault in there makes the runtime look for symbols."""
    knobs = Knobs(
        arch=arch,
        symtab=symtab,
        seed1_fix=fix,
        nested_malloc=nested_malloc,
        gotraceback=gotraceback,
        memprofilerate=memprofilerate,
        si_user_bug=si_user_bug,
    )
    await run_program(Runtime(m, knobs), WORK[work])


@scenario(
    expect="deadlock [funclock, heap] in *",
    chaos=Plan((Fault("segv-low", at="mallocgc", thread="main"),)),
)
async def fault_in_malloc_among(
    m: Machine,
    *,
    work: Work = "malloc",
    others: Company = "findfunc",
    fix: bool = False,
    arch: Arch = "amd64",
    symtab: SymtabKnob = "lazy",
    nested_malloc: NestedMalloc = "throw",
    memprofilerate: Whole = SAMPLED,
) -> None:
    """One M faults in malloc, while others look up symbols, panic, collect or allocate."""
    workers = [WORK[name] for name in COMPANY[others]]
    knobs = Knobs(
        arch=arch,
        symtab=symtab,
        seed1_fix=fix,
        nested_malloc=nested_malloc,
        gomaxprocs=1 + len(workers),
        memprofilerate=memprofilerate,
    )
    await run_program(Runtime(m, knobs), WORK[work], *workers)


@scenario(
    expect="deadlock [funclock] in *",
    chaos=Plan((Fault("segv-low", at="buildfuncs"),)),
)
async def fault_in_buildfuncs(
    m: Machine,
    *,
    fix: bool = True,
    arch: Arch = "amd64",
    symtab: SymtabKnob = "lazy",
    nested_malloc: NestedMalloc = "throw",
) -> None:
    """The M that builds the symbol table faults, in one of its allocations or between them."""
    knobs = Knobs(arch=arch, symtab=symtab, seed1_fix=fix, nested_malloc=nested_malloc)
    await run_program(Runtime(m, knobs), look_up)


@scenario(
    expect="deadlock [funclock, paniclk] in *",
    chaos=Plan((Fault("segv-low", at="buildfuncs", thread="M1"),)),
)
async def fault_in_buildfuncs_among(
    m: Machine,
    *,
    work: Work = "panic",
    fix: bool = False,
    arch: Arch = "amd64",
    symtab: SymtabKnob = "lazy",
    nested_malloc: NestedMalloc = "throw",
) -> None:
    """One M panics for its own reasons while another, which builds the table, faults."""
    knobs = Knobs(
        arch=arch, symtab=symtab, seed1_fix=fix, nested_malloc=nested_malloc, gomaxprocs=2
    )
    await run_program(Runtime(m, knobs), WORK[work], look_up)


@scenario(
    expect={"some": ["deadlock [heap] in *", "deadlock [central* in *"]},
    chaos=Plan((Fault("segv-low", at="sweep"), Fault("segv-low", at="stealcache"))),
)
async def fault_in_gc(
    m: Machine,
    *,
    fix: bool = False,
    arch: Arch = "amd64",
    symtab: SymtabKnob = "lazy",
    nested_malloc: NestedMalloc = "throw",
    gomaxprocs: Some = 1,
    work: Work = "malloc",
) -> None:
    """A fault while the collector gives blocks back, with a lock of the heap held.

    With more than one M, those that have done their `work` by then help to collect.
    """
    workers = (WORK[work],) * (gomaxprocs - 1)
    knobs = Knobs(
        arch=arch,
        symtab=symtab,
        seed1_fix=fix,
        nested_malloc=nested_malloc,
        gomaxprocs=gomaxprocs,
    )
    await run_program(Runtime(m, knobs), WORK["gc"], *workers)
