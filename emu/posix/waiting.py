"""Waiting for signals: `pause`, `sigsuspend`, and `sigwait` with its kin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emu.engine.waitqueue import TIMEOUT, WaitQueue
from emu.posix.delivery import deliver, end_sigwait
from emu.posix.interruptible import wait
from emu.posix.masks import set_mask
from emu.posix.pending import take_next
from emu.posix.siginfo import SigInfo
from emu.posix.sigset import SigSet
from emu.posix.thread_signals import Interruption
from emu.posix.timespec import Moment, as_deadline

if TYPE_CHECKING:
    from emu.posix.process import Process


async def pause(process: Process) -> None:
    """Sleep until a handler has run; always raises `OSError` EINTR."""
    await process.enter("pause")
    queue = WaitQueue(process.machine, "signal")
    interruption = Interruption()
    process.machine.record("wait.begin", "signal", "pause")
    while interruption.flags is None:
        await wait(process, queue, "signal", interruption=interruption)
    raise process.fails("pause", "EINTR", "a handler has run")


async def sigsuspend(process: Process, mask: SigSet) -> None:
    """Sleep with another mask until a handler has run; always raises `OSError` EINTR."""
    await process.enter("sigsuspend")
    machine = process.machine
    signals = process.signals(machine.current)
    before = signals.mask
    mask = process.kernel.maskable(mask)
    machine.record("signal.mask", "", "sigsuspend", str(before), str(mask))
    signals.saved_mask = before
    set_mask(process, signals, mask)
    queue = WaitQueue(machine, "signal")
    interruption = Interruption()
    outer = signals.interruption
    try:
        while interruption.flags is None:
            if process.deliverable(signals):
                signals.interruption = interruption
                await deliver(process, signals)
            else:
                await wait(process, queue, "signal", interruption=interruption)
    finally:
        signals.interruption = outer
        if signals.saved_mask is not None:  # no frame has taken it along
            signals.saved_mask = None
            set_mask(process, signals, before)
    raise process.fails("sigsuspend", "EINTR", "a handler has run")


async def sigwait(process: Process, awaited: SigSet) -> int:
    """Take a signal of `awaited`, waiting as long as it takes; gives its number."""
    await process.enter("sigwait")
    while True:
        info = await _take(process, awaited, None)
        if isinstance(info, SigInfo):
            return info.number


async def sigwaitinfo(process: Process, awaited: SigSet) -> SigInfo:
    """Take a signal of `awaited`. Raises `OSError` EINTR if anything else ends the wait."""
    await process.enter("sigwaitinfo")
    return _taken(process, "sigwaitinfo", await _take(process, awaited, None))


async def sigtimedwait(process: Process, awaited: SigSet, duration: Moment) -> SigInfo:
    """Take a signal of `awaited` within a time (ns, or a `Timespec`).

    Raises `OSError` EAGAIN after it, EINTR as `sigwaitinfo`, EINVAL for no time.
    """
    await process.enter("sigtimedwait")
    ns = as_deadline(duration)
    if ns is None or ns < 0:
        raise process.fails("sigtimedwait", "EINVAL", f"{duration!r} is no time")
    deadline = process.machine.now + ns
    return _taken(process, "sigtimedwait", await _take(process, awaited, deadline))


def _taken(process: Process, call: str, info: SigInfo | str) -> SigInfo:
    if isinstance(info, SigInfo):
        return info
    raise process.fails(call, info, "no signal was taken")


async def _take(process: Process, awaited: SigSet, deadline: int | None) -> SigInfo | str:
    """A signal of `awaited`, or the error's name."""
    machine = process.machine
    signals = process.signals(machine.current)
    awaited = process.kernel.maskable(awaited)
    info = take_next(signals.pending, process.pending, awaited.bits)
    if info is not None:
        process.took(info)
        machine.record("signal.take", "", info.signal)
        return info
    if deadline is not None and machine.now >= deadline:
        return "EAGAIN"
    machine.record("wait.begin", "signal", str(awaited))
    interruption = Interruption(always=True)
    before = signals.mask
    signals.awaited, signals.real_mask = awaited, before
    set_mask(process, signals, before - awaited)
    queue = WaitQueue(machine, "signal")
    try:
        reason = await wait(process, queue, "signal", deadline=deadline, interruption=interruption)
    except BaseException:
        if signals.awaited is not None:
            signals.awaited = signals.real_mask = None
            set_mask(process, signals, before)
        raise
    signals.interruption, outer = interruption, signals.interruption
    end_sigwait(process, signals)
    signals.interruption = outer
    if interruption.taken is not None:
        return interruption.taken
    return "EAGAIN" if reason == TIMEOUT else "EINTR"
