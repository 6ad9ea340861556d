"""Stacks, and the alternate stack of a thread: `sigaltstack`.

A stack grows downward. Only its position is modelled, enough to tell on which stack a
handler runs, how deep, and whether its frame still fits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from emu.posix.kernel import Kernel
    from emu.posix.process import Process
    from emu.posix.thread_signals import ThreadSignals

THREAD_STACK: Final = 8 << 20
"""The size of a thread's own stack, in bytes."""

_TOP: Final = 0x7FFF_0000_0000
_GAP: Final = 1 << 20


class Stack:
    """Memory from `base` up to `base + size` in which frames lie; `sp` is the lowest in use."""

    __slots__ = ("base", "name", "size", "sp")

    def __init__(self, name: str, base: int, size: int) -> None:
        self.name = name
        self.base = base
        self.size = size
        self.sp = base + size

    def __contains__(self, address: int) -> bool:
        return self.base <= address < self.base + self.size

    def push(self, size: int) -> None:
        """Use `size` bytes more, as a function does with its frame."""
        self.sp -= size

    def pop(self, size: int) -> None:
        """Give `size` bytes back."""
        self.sp += size


def thread_stack(number: int) -> Stack:
    """The stack with which thread `number` is born."""
    return Stack("thread", _TOP - number * (THREAD_STACK + _GAP), THREAD_STACK)


@dataclass(frozen=True, slots=True)
class AltStack:
    """An alternate signal stack as `sigaltstack` takes and gives it: area and `SS_*` flags."""

    base: int = 0
    size: int = 0
    flags: int = 0


def enabled(stack: AltStack, kernel: Kernel) -> bool:
    """Whether a handler may be put on this stack."""
    return bool(stack.size) and not stack.flags & kernel.stack_flags["SS_DISABLE"]


def is_on(stack: AltStack, sp: int) -> bool:
    """Whether a thread whose stack pointer is `sp` is on this stack: only that decides."""
    return stack.base < sp <= stack.base + stack.size


def query(signals: ThreadSignals, kernel: Kernel) -> AltStack:
    """What `sigaltstack(NULL, &old)` reports of a thread."""
    stack = signals.altstack
    autodisarm = stack.flags & kernel.stack_flags.get("SS_AUTODISARM", 0)
    if not enabled(stack, kernel):
        return AltStack(stack.base, stack.size, kernel.stack_flags["SS_DISABLE"])
    on = is_on(stack, signals.stack.sp)
    return AltStack(
        stack.base, stack.size, (kernel.stack_flags["SS_ONSTACK"] if on else 0) | autodisarm
    )


def check(process: Process, signals: ThreadSignals, new: AltStack) -> tuple[str, str] | None:
    """The error with which a thread's change to `new` fails, and why; None if it does not."""
    kernel = process.kernel
    flags = kernel.stack_flags
    old = signals.altstack
    if enabled(old, kernel) and is_on(old, signals.stack.sp):
        return "EPERM", "the thread is on its alternate stack"
    mode = new.flags & ~flags.get("SS_AUTODISARM", 0)
    if mode not in (0, flags["SS_DISABLE"]) and not (
        kernel.accepts_onstack_flag and mode == flags["SS_ONSTACK"]
    ):
        return "EINVAL", f"unknown flags {new.flags:#x}"
    if mode != flags["SS_DISABLE"] and new.size < process.min_stack:
        return "ENOMEM", f"{new.size} bytes are less than {process.min_stack}"
    return None


def install(signals: ThreadSignals, kernel: Kernel, new: AltStack) -> None:
    """Make `new`, which was checked, the alternate stack of a thread."""
    flags = kernel.stack_flags
    if new.flags & flags["SS_DISABLE"]:
        area = AltStack() if kernel.disable_forgets_area else signals.altstack
        signals.altstack = AltStack(area.base, area.size, flags["SS_DISABLE"])
    else:
        signals.altstack = AltStack(new.base, new.size, new.flags & flags.get("SS_AUTODISARM", 0))


async def sigaltstack(process: Process, new: AltStack | None = None) -> AltStack:
    """Set the calling thread's alternate stack, unless `new` is None; gives the one before.

    Raises `OSError` EPERM on that very stack, EINVAL for unknown flags, ENOMEM for a stack
    smaller than `process.min_stack`.
    """
    await process.enter("sigaltstack")
    signals = process.signals(process.machine.current)
    before = query(signals, process.kernel)
    if new is None:
        process.machine.record("syscall", "", "sigaltstack", before.flags, None)
        return before
    wrong = check(process, signals, new)
    if wrong is not None:
        raise process.fails("sigaltstack", *wrong)
    install(signals, process.kernel, new)
    process.machine.record("signal.stack", "", new.base, new.size, new.flags)
    return before
