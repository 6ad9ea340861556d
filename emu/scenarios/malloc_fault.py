"""A fault in the allocator, which leads to the symbol table, which leads to the allocator."""

from __future__ import annotations

from emu.chaos.plan import Fault, Plan
from emu.engine.machine import Machine
from emu.engine.scenario import scenario
from emu.goruntime.knobs import Arch, Knobs, NestedMalloc, SymtabKnob
from emu.goruntime.runtime import Runtime
from emu.scenarios.goprogram import run_program

BLOCK = 4000
LARGE = 100_000
"""What a program allocates here, in bytes: from a cache, and from the page heap."""


@scenario(
    expect="exit 3",
    chaos=Plan((Fault("segv-low", at="mallocgc"),)),
)
async def fault_in_malloc(
    m: Machine,
    *,
    fix: bool = False,
    arch: Arch = "amd64",
    symtab: SymtabKnob = "lazy",
    nested_malloc: NestedMalloc = "throw",
    gotraceback: int = 1,
) -> None:
    """One M allocates; a fault in there makes the runtime look for symbols."""
    rt = Runtime(
        m,
        Knobs(
            arch=arch,
            symtab=symtab,
            seed1_fix=fix,
            nested_malloc=nested_malloc,
            gotraceback=gotraceback,
        ),
    )

    async def main() -> None:
        await rt.malloc.mal(BLOCK)
        await rt.malloc.mal(LARGE)

    await run_program(rt, main)
