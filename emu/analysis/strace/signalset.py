"""Signals and sets of them: read as strace writes them, written as emu does.

strace counts real-time signals from the kernel's first, 32 (`RTMIN`, `RT_1`); programs, and emu,
from the first that the C library leaves them, 34 (`SIGRTMIN`). signal(7).
"""

from __future__ import annotations

import re
from typing import Final

from emu.analysis.strace.scanning import names, number

_ORDER: Final = (
    "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT "
    "STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
).split()
_NUMBERS: Final = {name: number for number, name in enumerate(_ORDER, start=1)}
_KERNELS_FIRST: Final = 32
_FIRST: Final = 34
_LAST: Final = 64
_REAL_TIME: Final = re.compile(r"RT_?(\d+)")

_NEVER_BLOCKED: Final = 1 << (_NUMBERS["KILL"] - 1) | 1 << (_NUMBERS["STOP"] - 1)
EVERY: Final = ((1 << _LAST) - 1) & ~_NEVER_BLOCKED
"""Every signal that a thread can block, as bits; signal `n` is bit `n - 1`."""


def signal_number(text: str) -> int | None:
    """The number of a signal: of `SIGUSR1`, `USR1`, `SIGRT_1`, `RTMIN`, `10`; None for none."""
    name = text.strip().removeprefix("SIG")
    if name in _NUMBERS:
        return _NUMBERS[name]
    if name == "RTMIN":
        return _KERNELS_FIRST
    if real_time := _REAL_TIME.fullmatch(name):
        return _KERNELS_FIRST + int(real_time[1])
    value = number(name)
    return value if value is not None and 0 < value <= _LAST else None


def signal_name(value: int) -> str:
    """A signal's name from its number."""
    if value <= len(_ORDER):
        return f"SIG{_ORDER[value - 1]}"
    if value < _FIRST:
        return f"SIG{value}"
    return f"SIGRTMIN+{value - _FIRST}" if value > _FIRST else "SIGRTMIN"


def bit(value: int) -> int:
    """The set that has one signal."""
    return 1 << (value - 1)


def parse_set(text: str) -> int | None:
    """The bits of a set that strace calls `[USR1 RT_1]` or `~[KILL]`; None where it shows none."""
    members = names(text)
    if members is None:
        return None
    bits = 0
    for member in members:
        value = signal_number(member)
        if value is None:
            return None
        bits |= bit(value)
    return (~bits if text.strip().startswith("~") else bits) & EVERY


def set_text(bits: int | None) -> str:
    """A set as a log has it: `none`, `all`, names, or `all but` names if these are fewer."""
    if bits is None:
        return "unknown"
    missing = EVERY & ~bits
    if not bits:
        return "none"
    if not missing:
        return "all"
    if missing.bit_count() < bits.bit_count():
        return "all but " + " ".join(_names(missing))
    return " ".join(_names(bits))


def _names(bits: int) -> list[str]:
    return [signal_name(value) for value in range(1, _LAST + 1) if bits & bit(value)]
