"""What strace says of one signal: its code as a number, who sent it, where a fault was.

The codes are those of <asm-generic/siginfo.h>; sigaction(2) says which signals have which.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from emu.analysis.strace.scanning import members, number

_CODES: Final = {
    "SI_USER": 0,
    "SI_KERNEL": 0x80,
    "SI_QUEUE": -1,
    "SI_TIMER": -2,
    "SI_MESGQ": -3,
    "SI_ASYNCIO": -4,
    "SI_SIGIO": -5,
    "SI_TKILL": -6,
    "SI_DETHREAD": -7,
    "SI_ASYNCNL": -60,
    **{
        f"{kind}_{name}": code
        for kind, names in {
            "SEGV": "MAPERR ACCERR BNDERR PKUERR",
            "BUS": "ADRALN ADRERR OBJERR MCEERR_AR MCEERR_AO",
            "ILL": "ILLOPC ILLOPN ILLADR ILLTRP PRVOPC PRVREG COPROC BADSTK",
            "FPE": "INTDIV INTOVF FLTDIV FLTOVF FLTUND FLTRES FLTINV FLTSUB",
            "TRAP": "BRKPT TRACE BRANCH HWBKPT UNK PERF",
            "CLD": "EXITED KILLED DUMPED TRAPPED STOPPED CONTINUED",
            "POLL": "IN OUT MSG ERR PRI HUP",
        }.items()
        for code, name in enumerate(names.split(), start=1)
    },
}
FAULTS: Final = frozenset(("SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP"))
"""Signals that a thread may bring upon itself, by what it does."""


@dataclass(frozen=True, slots=True)
class SigInfo:
    """A siginfo. `code` is a name as strace has it, `number` that of the kernel."""

    code: str
    pid: int | None
    address: int | None

    @property
    def number(self) -> int | None:
        """The code's number; None for one that is not known here."""
        return _CODES.get(self.code, number(self.code))

    @property
    def directed(self) -> bool:
        """Whether it was sent to one thread."""
        return self.code == "SI_TKILL"

    @property
    def sent(self) -> bool:
        """Whether a process sent it."""
        return self.code in ("SI_USER", "SI_QUEUE", "SI_TKILL")

    def fault(self, signal: str) -> bool:
        """Whether the thread did something that it could not go on after."""
        value = self.number
        return signal in FAULTS and not self.sent and value is not None and value > 0


def parse_siginfo(text: str) -> SigInfo:
    """The siginfo of a line `--- SIGUSR1 {si_signo=SIGUSR1, …} ---`."""
    named = members(text)
    pid = number(named.get("si_pid", ""))
    address = number(named.get("si_addr", ""))
    if named.get("si_addr") == "NULL":
        address = 0
    return SigInfo(named.get("si_code", "").split(" /*")[0], pid, address)
