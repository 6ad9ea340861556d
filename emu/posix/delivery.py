"""Delivery: which pending signals a thread takes, and how their handlers run.

Every deliverable signal gets its frame before any handler runs, each frame on top of the
one before. So where handlers do not block each other, the one taken last runs first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from emu.engine.thread import ThreadEnded
from emu.errors import UsageError
from emu.posix.action import IGNORE, Action, Special
from emu.posix.frame import place, pop, push
from emu.posix.kernel import Default
from emu.posix.masks import set_mask
from emu.posix.pending import take_next
from emu.posix.siginfo import SigInfo
from emu.posix.stopping import stop_process

if TYPE_CHECKING:
    from emu.posix.process import Process
    from emu.posix.thread_signals import ThreadSignals


async def deliver(process: Process, signals: ThreadSignals) -> None:
    """Run the handlers of everything that the running thread can take now."""
    signals.notified = False
    end_sigwait(process, signals)
    await _run(process, signals)


async def force(process: Process, signals: ThreadSignals, info: SigInfo) -> None:
    """Deliver a fault that the running thread cannot go on without handling.

    Blocked or ignored, or without a handler, it kills.
    """
    action = process.dispositions[info.number]
    if signals.blocks(info.number) or isinstance(action.handler, Special):
        process.killed(info.number)
        raise ThreadEnded
    _build(process, signals, info, action)
    await _run(process, signals, base=len(signals.frames) - 1)


def end_sigwait(process: Process, signals: ThreadSignals) -> None:
    """End the thread's wait in `sigwait` or its kin, if it is in one: take a signal if there is."""
    awaited, mask = signals.awaited, signals.real_mask
    if awaited is None or mask is None:
        return
    signals.awaited = signals.real_mask = None
    info = take_next(signals.pending, process.pending, awaited.bits)
    if info is not None:
        assert signals.interruption is not None
        signals.interruption.taken = info
        process.took(info)
        process.machine.record("signal.take", "", info.signal)
    set_mask(process, signals, mask)


async def _run(process: Process, signals: ThreadSignals, base: int | None = None) -> None:
    """Build frames and run handlers until the thread is back where it was.

    What a handler makes it resume with runs outside every frame: it may never return, and
    it may go on in another thread.
    """
    base = len(signals.frames) if base is None else base
    while (resume := await _run_handlers(process, signals, base)) is not None:
        await _run(process, signals)
        await resume()


async def _run_handlers(
    process: Process, signals: ThreadSignals, base: int
) -> Callable[[], Awaitable[None]] | None:
    """Run handlers down to frame `base`; gives what to resume with there, if not just to go on."""
    thread = signals.thread
    depth, interruption = thread.depth, signals.interruption
    try:
        while True:
            await _build_all(process, signals)
            if len(signals.frames) == base:
                return None
            resume = await _handle(process, signals)
            if resume is None:
                continue
            if len(signals.frames) == base:
                return resume
            await _run(process, signals)
            await resume()
    finally:
        # A handler that was left by a jump takes the frames above the target with it.
        while len(signals.frames) > base:
            frame = signals.frames.pop()
            signals.stack = frame.interrupted
            signals.stack.sp = frame.sp
        thread.depth = depth
        signals.interruption = interruption


async def _handle(process: Process, signals: ThreadSignals) -> Callable[[], Awaitable[None]] | None:
    """Run the newest handler and take its frame off; gives what to resume with."""
    machine = process.machine
    thread = signals.thread
    frame = signals.frames[-1]
    handler = frame.action.handler
    assert not isinstance(handler, Special)
    interruption, signals.interruption = signals.interruption, None
    thread.depth += 1
    machine.record("signal.enter", "", frame.info.signal)
    running = handler(frame.info, frame.context)
    if not isinstance(running, Awaitable):
        raise UsageError(
            f"the handler {frame.action.text} of {frame.info.signal} is not an `async def`"
        )
    await running
    thread.depth -= 1
    signals.interruption = interruption
    pop(process, signals)
    machine.record("signal.return", "", frame.info.signal, str(frame.context.mask))
    set_mask(process, signals, process.kernel.maskable(frame.context.mask))
    return frame.context.resume


async def _build_all(process: Process, signals: ThreadSignals) -> None:
    """Take every deliverable signal, lowest first, and give it a frame or its default action."""
    while True:
        allowed = ~signals.mask.bits
        info = take_next(signals.pending, process.pending, allowed)
        if info is None:
            return
        process.took(info)
        action = process.dispositions[info.number]
        if not isinstance(action.handler, Special):
            _build(process, signals, info, action)
            continue
        default = process.kernel.default(info.number)
        if action.handler is IGNORE or default in (Default.IGNORE, Default.CONTINUE):
            process.machine.record("signal.drop", "", info.signal, action.text)
        elif default is Default.STOP:
            stop_process(process, info)
            await process.machine.checkpoint("stop")
        else:
            process.killed(info.number)
            raise ThreadEnded


def _build(process: Process, signals: ThreadSignals, info: SigInfo, action: Action) -> None:
    """Put the frame of one signal on the thread's stack, or kill if it does not fit."""
    kernel = process.kernel
    at = place(process, signals, action)
    if at is None:
        _bad_frame(process, signals, info)
        return
    if action.flags & kernel.flags["SA_RESETHAND"]:
        process.dispositions.reset(info.number)
    if signals.interruption is not None and signals.interruption.flags is None:
        signals.interruption.flags = action.flags
    blocked = signals.mask | action.blocks
    if not action.flags & kernel.flags["SA_NODEFER"]:
        blocked = blocked | kernel.sigset(info.number)
    frame = push(process, signals, info, action, at)
    process.machine.record(
        "signal.deliver",
        "",
        info.signal,
        info.code,
        info.address,
        frame.context.stack.name,
        info.sender,
        str(blocked),
    )
    set_mask(process, signals, blocked)


def _bad_frame(process: Process, signals: ThreadSignals, info: SigInfo) -> None:
    """A frame cannot be written: a fault of its own, which kills unless it can be caught."""
    kernel = process.kernel
    number = kernel.number(kernel.bad_frame)
    fault = SigInfo(kernel.bad_frame, number, kernel.code("SI_KERNEL"), sender="kernel")
    process.machine.record("fault", "", fault.signal, fault.address, fault.code)
    action = process.dispositions[number]
    caught = not isinstance(action.handler, Special) and not signals.blocks(number)
    if not kernel.retries_bad_frame or info.number == number or not caught:
        process.killed(fault.number)
        raise ThreadEnded
    _build(process, signals, fault, action)
