"""Signal masks, one a thread: `sigprocmask`, `pthread_sigmask`, `sigpending`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from emu.posix.sigset import SigSet
from emu.posix.targeting import choose

if TYPE_CHECKING:
    from emu.posix.process import Process
    from emu.posix.thread_signals import ThreadSignals


def _replace(_: SigSet, new: SigSet) -> SigSet:
    return new


_EFFECTS: Final[dict[str, Callable[[SigSet, SigSet], SigSet]]] = {
    "SIG_BLOCK": SigSet.__or__,
    "SIG_UNBLOCK": SigSet.__sub__,
    "SIG_SETMASK": _replace,
}


def set_mask(process: Process, signals: ThreadSignals, mask: SigSet) -> None:
    """Make `mask`, which holds no SIGKILL or SIGSTOP, the mask of a thread.

    Signals that it now blocks and that wait for the process are offered to other threads.
    """
    newly = mask.bits & ~signals.mask.bits
    signals.mask = mask
    _offer(process, newly)


def leave(process: Process, signals: ThreadSignals) -> None:
    """Its thread ends: what it was to take of the process's signals is for others."""
    signals.exiting = True
    _offer(process, ~signals.mask.bits)


def _offer(process: Process, bits: int) -> None:
    for number in SigSet(process.kernel, process.pending.bits & bits):
        other = choose(process, number, None)
        if other is not None:
            process.notify(other)


def apply(process: Process, signals: ThreadSignals, how: int | str, new: SigSet) -> bool:
    """Change a thread's mask as `how` says; gives whether there is such a `how`."""
    kernel = process.kernel
    numbers = kernel.how.items()
    name = how if isinstance(how, str) else next((key for key, n in numbers if n == how), "")
    if name not in _EFFECTS:
        return False
    old = signals.mask
    mask = kernel.maskable(_EFFECTS[name](old, new))
    set_mask(process, signals, mask)
    process.machine.record("signal.mask", "", name, str(old), str(mask))
    return True


async def sigprocmask(process: Process, how: int | str, new: SigSet | None = None) -> SigSet:
    """Change the calling thread's mask, unless `new` is None; gives the mask before.

    `how` is the kernel's number or its name, and is not looked at where `new` is None.
    Signals that become deliverable are handled before this returns. Raises `OSError` EINVAL
    for an unknown `how`.
    """
    await process.enter("sigprocmask")
    signals = process.signals(process.machine.current)
    before = signals.mask
    if new is None:
        process.machine.record("signal.mask", "", "query", str(before), str(before))
        return before
    if not apply(process, signals, how, new):
        raise process.fails("sigprocmask", "EINVAL", f"unknown how {how!r}")
    if process.deliverable(signals):
        process.notify(signals.thread)
        await process.to_user_mode()
    return before


async def pthread_sigmask(
    process: Process, how: int | str, new: SigSet | None = None
) -> tuple[int, SigSet]:
    """As `sigprocmask`, of the C library: gives the error's number, and the mask before.

    It never blocks the signals that the library keeps for itself.
    """
    kernel = process.kernel
    before = process.signals(process.machine.current).mask
    if new is not None:
        new = new - kernel.sigset(*kernel.reserved)
    try:
        return 0, await sigprocmask(process, how, new)
    except OSError as error:
        return error.errno or 0, before


async def sigpending(process: Process) -> SigSet:
    """The signals that wait for the calling thread or for the process."""
    await process.enter("sigpending")
    signals = process.signals(process.machine.current)
    waiting = signals.pending.signals | process.pending.signals
    if process.kernel.masks_sigpending:
        waiting = waiting & signals.mask
    process.machine.record("syscall", "", "sigpending", str(waiting), None)
    return waiting
