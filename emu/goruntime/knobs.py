"""What can be set on a runtime: each fix a switch, each circumstance a knob."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from emu.errors import UsageError

Arch = Literal["386", "amd64"]
SymtabKnob = Literal["lazy", "at_bootstrap"]
NestedMalloc = Literal["throw", "block"]
InitsigPlace = Literal["check", "after_minit"]
StackOrder = Literal["g0_above", "g0_below"]


@dataclass(frozen=True, slots=True)
class Knobs:
    """The runtime of February 2012 is the default, but for a table that is built lazily.

    `seed1_fix` is CL 5689047: findfunc does not build while this M is in malloc or the
    collector. `seed2_fix` is CL 5684060: every signal is masked around the creation of a
    thread, and minit unmasks. `symtab` says when the symbol table is built: at its first use,
    as reported in issue 1777, or by the trace that each new M's initialiser takes.
    `nested_malloc` says what an allocation inside an allocation does: `throw` is the code of
    the day, `block` the story as told, without the test of the flag. `si_user_bug` takes
    SI_USER for 0, as the code did. `stacks` says whether a new thread's g0 stack lies above
    or below its signal stack. `thr_limit` is the kernel's limit on threads per process.
    """

    arch: Arch = "amd64"
    symtab: SymtabKnob = "lazy"
    seed1_fix: bool = False
    seed2_fix: bool = False
    nested_malloc: NestedMalloc = "throw"
    cgo: bool = False
    gotraceback: int = 1
    gomaxprocs: int = 1
    ncpu: int = 2
    thr_limit: int = 1_500
    si_user_bug: bool = True
    initsig: InitsigPlace = "check"
    stacks: StackOrder = "g0_above"
    gogc: int = 100
    """How much the heap may grow, in per cent, before it is collected; negative is never."""
    memprofilerate: int = 512 * 1024
    """One profile sample every so many bytes; 0 is none."""
    scavenger: bool = False
    """Whether the goroutine runs that looks at the heap once a minute; it needs an M of its own."""

    def __post_init__(self) -> None:
        for name in ("gomaxprocs", "ncpu", "thr_limit"):
            if getattr(self, name) < 1:
                value = getattr(self, name)
                raise UsageError(f"knob {name} is {value!r}; allowed is a whole number from 1")
        if self.memprofilerate < 0:
            value = self.memprofilerate
            raise UsageError(f"knob memprofilerate is {value!r}; allowed is a whole number from 0")
