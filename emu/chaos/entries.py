"""The entries of a chaos plan as typed values: plain data, checked when it is made.

Every entry says where it may act (`at`, a glob over regions and operation; `thread`, a glob
over names), how often (`rate`, the probability at each such site; None lets the strategy
spread the injections over the sites), and at most how many times in one run (`limit`; None
is no limit).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Final

from emu.engine.units import UNITS, format_duration, parse_duration
from emu.errors import UsageError, did_you_mean
from emu.posix.freebsd import FREEBSD
from emu.posix.linux import LINUX

SIGNALS: Final = tuple(dict.fromkeys((*LINUX.signals, *FREEBSD.signals)))
ERRORS: Final = ("EAGAIN", "EPROCLIM", "ENOMEM", "EINTR", "EINVAL", "EPERM", "EBUSY")

FAULTS: Final[dict[str, tuple[str, int, str]]] = {
    "segv-low": ("SIGSEGV", 0x10, "SEGV_MAPERR"),
    "segv-high": ("SIGSEGV", 0x7F00_DEAD_BEEF, "SEGV_MAPERR"),
    "bus": ("SIGBUS", 0x7F00_DEAD_BEEF, "BUS_ADRERR"),
    "fpe": ("SIGFPE", 0, "FPE_INTDIV"),
}
"""The kinds of synchronous fault: signal, address and code."""


def _one_of(value: str, allowed: tuple[str, ...], what: str) -> None:
    if value not in allowed:
        hint = did_you_mean(value, allowed)
        raise UsageError(f"{what} is {value!r}; allowed are {', '.join(allowed)}{hint}")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What every entry of a plan has."""

    table: ClassVar[str]
    at: str = "*"
    thread: str = "*"
    rate: float | None = None
    limit: int | None = 1

    def __post_init__(self) -> None:
        if self.rate is not None and not 0 < self.rate <= 1:
            raise UsageError(
                f"{self.table}.rate is {self.rate!r}; allowed is a number above 0, to 1"
            )
        if self.limit is not None and self.limit < 1:
            raise UsageError(
                f"{self.table}.limit is {self.limit!r}; allowed is a whole number from 1"
            )
        if self.limit is None and self.rate is None:
            raise UsageError(f"{self.table}: an entry without a limit needs a rate")
        if not self.at:
            raise UsageError(f"{self.table}.at is empty; allowed is a glob such as 'mallocgc/*'")

    @property
    def label(self) -> str:
        """What the entry injects, for the log."""
        raise NotImplementedError

    def as_row(self) -> dict[str, Any]:
        """The entry as one flat mapping."""
        return {"chaos": self.table} | {
            item.name: getattr(self, item.name) for item in fields(self)
        }


@dataclass(frozen=True)
class Signal(Entry):
    """An asynchronous signal from outside.

    `to` is `process`, `any` (a thread, by a choice), `here` (the thread at the site) or a
    glob over the names of threads.
    """

    table = "signal"
    signal: str
    to: str = "process"

    def __post_init__(self) -> None:
        super().__post_init__()
        _one_of(self.signal, SIGNALS, "signal.signal")

    @property
    def label(self) -> str:
        """The signal and whom it is for."""
        return f"{self.signal} to {self.to}"


@dataclass(frozen=True)
class Fault(Entry):
    """A synchronous fault of the thread at the site; `kind` is one of `FAULTS`."""

    table = "fault"
    kind: str

    def __post_init__(self) -> None:
        super().__post_init__()
        _one_of(self.kind, tuple(FAULTS), "fault.kind")

    @property
    def label(self) -> str:
        """The kind of fault."""
        return self.kind


@dataclass(frozen=True)
class Fail(Entry):
    """A call that fails: a syscall or an allocation, the operation `call`."""

    table = "fail"
    call: str
    error: str = "EAGAIN"

    def __post_init__(self) -> None:
        super().__post_init__()
        _one_of(self.error, ERRORS, "fail.error")

    @property
    def label(self) -> str:
        """The call and its error."""
        return f"{self.call} fails with {self.error}"


@dataclass(frozen=True)
class Spurious(Entry):
    """A spurious wake-up of a thread that waits on an object whose name matches `object`."""

    table = "spurious"
    object: str = "*"

    @property
    def label(self) -> str:
        """What is waited for."""
        return f"spurious wake-up from {self.object}"


@dataclass(frozen=True)
class Stall(Entry):
    """The thread at the site does not run for `duration` ns of virtual time."""

    table = "stall"
    duration: int = field(default=UNITS["ms"])

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "duration", _duration(self.duration))

    @property
    def label(self) -> str:
        """For how long."""
        return f"stall for {format_duration(self.duration)}"


def _duration(value: object) -> int:
    return value if isinstance(value, int) else parse_duration(value, "stall.duration")


ENTRIES: Final[dict[str, type[Entry]]] = {
    kind.table: kind for kind in (Signal, Fault, Fail, Spurious, Stall)
}
"""The kinds of entry by the name of their table in a plan."""
