"""What differs between kernels: numbers, layouts and rules, as one table a kernel.

Emulated code never writes a number of a signal, flag, `how` or error: it takes it here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Literal

from emu.errors import UsageError
from emu.posix.sigset import Signal, SigSet


class Default(Enum):
    """What a signal does whose disposition is the default."""

    TERMINATE = "terminate"
    CORE = "terminate, with a core dump"
    STOP = "stop the process"
    CONTINUE = "continue the process if it is stopped"
    IGNORE = "nothing"


Targeting = Literal["main-first", "newest-first", "any"]
"""Which thread is to take a process-directed signal: see `emu/posix/targeting.py`."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Kernel:
    """One kernel's numbers, layouts and rules. Sizes are in bytes."""

    name: str
    signals: dict[str, int]
    aliases: dict[str, str]
    realtime: range
    highest: int
    reserved: tuple[int, ...]
    """Signals that the C library keeps for itself."""
    words: int
    word_bits: int
    defaults: dict[str, Default]
    """The default actions other than `TERMINATE`."""
    how: dict[str, int]
    flags: dict[str, int]
    """`SA_*`, of sigaction."""
    stack_flags: dict[str, int]
    """`SS_*`, of sigaltstack."""
    codes: dict[str, int]
    """`si_code` by name."""
    errnos: dict[str, int]

    min_stack: int
    frame_size: int
    red_zone: int
    queue_limit: int
    thread_limit: int
    thread_limit_error: str

    targeting: Targeting
    private_first: bool
    """Whether a thread's own pending signals, and faults among them, come first; else the
    lowest number of both sets together."""
    queues_standard: bool
    """Whether a repeated standard signal is queued, rather than coalesced."""
    keeps_blocked_ignored: bool
    """Whether an ignored signal that is blocked becomes pending."""
    masks_sigpending: bool
    pid_before_signal: bool
    """Whether `kill` looks at the pid before it looks at the number."""
    refuses_unknown_flags: bool
    refuses_default_of_uncatchable: bool
    resethand_clears_siginfo: bool
    accepts_onstack_flag: bool
    disable_forgets_area: bool
    sigreturn_restores_stack: bool
    stops_at_generation: bool
    retries_bad_frame: bool
    """Whether a frame that cannot be written becomes a SIGSEGV that may be caught."""
    bad_frame: str
    """The signal that kills when a frame cannot be written."""
    default_mutex: Literal["normal", "errorcheck"]

    def number(self, signal: Signal) -> int:
        """A signal's number from its name; a number is given back. Raises `UsageError`."""
        if isinstance(signal, int):
            return signal
        name = self.aliases.get(signal, signal)
        if name in self.signals:
            return self.signals[name]
        base, plus, offset = name.partition("+")
        if base == "SIGRTMIN" and (not plus or offset.isdigit()):
            found = self.realtime.start + int(offset or 0)
            if found in self.realtime:
                return found
        if name == "SIGRTMAX":
            return self.realtime[-1]
        raise UsageError(
            f"{signal!r} is no signal of {self.name}; allowed are "
            f"{', '.join(self.signals)} and SIGRTMIN+0 to SIGRTMIN+{len(self.realtime) - 1}"
        )

    def signal_name(self, number: int) -> str:
        """A signal's name from its number."""
        for name, known in self.signals.items():
            if known == number:
                return name
        if number in self.realtime:
            offset = number - self.realtime.start
            return f"SIGRTMIN+{offset}" if offset else "SIGRTMIN"
        return f"SIG{number}"

    def errno(self, name: str) -> int:
        """An error's number from its name. Raises `UsageError`."""
        if name not in self.errnos:
            raise UsageError(
                f"{name!r} is no error of {self.name}; known are {', '.join(self.errnos)}"
            )
        return self.errnos[name]

    def error(self, name: str, text: str) -> OSError:
        """The exception with which a call fails: `errno` is this kernel's number."""
        return OSError(self.errno(name), f"{name}: {text}")

    def errno_name(self, number: int) -> str:
        """An error's name from its number; `0` for 0."""
        return next((name for name, known in self.errnos.items() if known == number), str(number))

    def code(self, code: int | str) -> int:
        """An `si_code` from its name; a number is given back. Raises `UsageError`."""
        if isinstance(code, int):
            return code
        if code not in self.codes:
            raise UsageError(
                f"{code!r} is no si_code of {self.name}; known are {', '.join(self.codes)}"
            )
        return self.codes[code]

    def flag(self, *names: str) -> int:
        """The `SA_*` flags of these names together."""
        value = 0
        for name in names:
            value |= self.flags[name]
        return value

    def default(self, number: int) -> Default:
        """What the signal does by default."""
        return self.defaults.get(self.signal_name(number), Default.TERMINATE)

    @cached_property
    def fault_bits(self) -> int:
        """The bits of the signals of faults, where those are delivered before any other."""
        faults = ("SIGILL", "SIGTRAP", "SIGBUS", "SIGFPE", "SIGSEGV", "SIGSYS")
        return self.sigset(*faults).bits if self.private_first else 0

    def valid(self, number: int) -> bool:
        """Whether there is such a signal; 0 is none."""
        return 1 <= number <= self.highest

    def sigset(self, *signals: Signal) -> SigSet:
        """The set of these signals."""
        bits = 0
        for signal in signals:
            number = self.number(signal)
            if not self.valid(number):
                raise UsageError(
                    f"{number} is no signal of {self.name}; allowed are 1 to {self.highest}"
                )
            bits |= 1 << (number - 1)
        return SigSet(self, bits)

    def empty(self) -> SigSet:
        """The set without members (`sigemptyset`)."""
        return SigSet(self)

    def fill(self) -> SigSet:
        """The set of `sigfillset`: everything but what the C library leaves out."""
        return self.every() - self.sigset(*self.reserved)

    def every(self) -> SigSet:
        """A set whose words are all ones."""
        return SigSet(self, (1 << (self.words * self.word_bits)) - 1)

    def maskable(self, signals: SigSet) -> SigSet:
        """Without SIGKILL and SIGSTOP, which no mask holds."""
        kill, stop = self.signals["SIGKILL"], self.signals["SIGSTOP"]
        return SigSet(self, signals.bits & ~(1 << (kill - 1) | 1 << (stop - 1)))
