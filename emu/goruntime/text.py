"""The emulated program's text: its symbols in the order of their addresses.

Short, but it stands for a program of usual size: what the symbol table of this text
allocates is as large as for `SCALE` times as many functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

START: Final = 0x40_0000
"""The address of the first function."""

SCALE: Final = 200


@dataclass(frozen=True, slots=True)
class Symbol:
    """One function: name, address, frame size in words, file and line."""

    name: str
    entry: int
    words: int
    file: str
    line: int


def _text() -> tuple[Symbol, ...]:
    rows = (
        ("runtime.mstart", 2, "proc.c", 490),
        ("runtime.schedule", 6, "proc.c", 720),
        ("runtime.goexit", 1, "proc.c", 150),
        ("runtime.mallocgc", 12, "malloc.goc", 40),
        ("runtime.free", 8, "malloc.goc", 132),
        ("runtime.MHeap_Alloc", 8, "mheap.c", 70),
        ("runtime.MCentral_AllocList", 8, "mcentral.c", 45),
        ("runtime.timerproc", 6, "time.goc", 150),
        ("runtime.runfinq", 6, "mgc0.c", 1000),
        ("runtime.gc", 24, "mgc0.c", 880),
        ("runtime.sweep", 16, "mgc0.c", 730),
        ("runtime.buildfuncs", 20, "symtab.c", 360),
        ("runtime.sigpanic", 4, "signal_freebsd.c", 40),
        ("runtime.panic", 10, "panic.c", 170),
        ("main.worker", 6, "main.go", 30),
        ("main.main", 6, "main.go", 10),
        ("main.init", 2, "main.go", 1),
    )
    return tuple(
        Symbol(name, START + 0x100 * number, words, file, line)
        for number, (name, words, file, line) in enumerate(rows)
    )


TEXT: Final = _text()
END: Final = TEXT[-1].entry + 0x100
FILES: Final = tuple(dict.fromkeys(symbol.file for symbol in TEXT))
SYMBOLS: Final = {symbol.name: symbol for symbol in TEXT}


def pc_in(name: str) -> int:
    """An address inside the function called `name`, as a return address would be.

    A function that this short text leaves out lies behind its end.
    """
    symbol = SYMBOLS.get(name)
    return (symbol.entry if symbol else END) + 0x10


def symbol_of(region: str) -> str:
    """The symbol of a function by its short name: `mallocgc` is `runtime.mallocgc`."""
    return region if "." in region else f"runtime.{region}"
