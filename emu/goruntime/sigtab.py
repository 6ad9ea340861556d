"""What the runtime does with each signal: the table, and the flags it consists of."""

from __future__ import annotations

from typing import Final

NOTIFY: Final = "N"
"""May go to os/signal."""
KILL: Final = "K"
"""Exit quietly, if nobody wants it."""
THROW: Final = "T"
"""Crash with a trace, if nobody wants it."""
PANIC: Final = "P"
"""Becomes a panic, if the kernel generated it."""
DEFAULT: Final = "D"
"""Left alone until somebody asks."""

_ROWS: Final = {
    "NK": "HUP INT TERM",
    "NT": "QUIT ABRT",
    "T": "ILL TRAP EMT SYS",
    "P": "FPE BUS SEGV",
    "N": "PIPE ALRM URG CHLD IO XCPU XFSZ VTALRM PROF WINCH INFO USR1 USR2 THR",
    "ND": "TSTP TTIN TTOU",
}

SIGTAB: Final = {f"SIG{name}": flags for flags, names in _ROWS.items() for name in names.split()}
"""The flags of each signal; a signal that is not here has none."""

INSTALLED: Final = tuple(name for name, flags in SIGTAB.items() if DEFAULT not in flags)
"""The signals that get the handler at start."""
