"""What differs between 386 and amd64, as one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from emu.goruntime.knobs import Arch

ONES: Final = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Machinery:
    """One architecture: sizes in bytes, offsets of fields that are read through nil pointers."""

    word: int
    gsignal: int
    """Offset of `gsignal` in an M: the address of the fault when m is nil."""
    stackguard: int
    """Offset of `stackguard` in a G: the address of the fault when g is nil."""
    curg: int
    """Offset of `sched` in the G that `m.curg` should name: what newstack reads through nil."""
    entry: int
    """Offset of `entry` in a record of the symbol table."""
    g_before_m: bool
    """Whether a starting thread stores its g slot before its m slot."""
    handler_mask: tuple[int, int, int, int]
    """The words of the handler mask as the kernel reads them (fact: the field is misplaced
    on amd64, so signals 1 to 32 stay deliverable inside a handler)."""


ARCHES: Final[dict[Arch, Machinery]] = {
    "386": Machinery(
        word=4,
        gsignal=44,
        stackguard=0,
        curg=16,
        entry=20,
        g_before_m=True,
        handler_mask=(ONES, ONES, 0, 0),
    ),
    "amd64": Machinery(
        word=8,
        gsignal=72,
        stackguard=0,
        curg=32,
        entry=40,
        g_before_m=False,
        handler_mask=(0, ONES, ONES, 0),
    ),
}
"""The two architectures FreeBSD had in Go at the time."""
