"""The frame of a handler: where it lies, and what returning from it restores."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from emu.posix.altstack import AltStack, Stack, enabled, is_on

if TYPE_CHECKING:
    from emu.engine.thread import Thread
    from emu.posix.action import Action
    from emu.posix.process import Process
    from emu.posix.siginfo import SigInfo
    from emu.posix.sigset import SigSet
    from emu.posix.thread_signals import ThreadSignals


class Context:
    """The interrupted context that a handler may edit.

    `mask` is what the return restores. `resume`, if set, is run in the interrupted place
    right after the return, with that mask: how a runtime lets a fault go on somewhere else.
    """

    __slots__ = ("altstack", "mask", "resume", "stack", "thread")

    def __init__(self, thread: Thread, mask: SigSet, stack: Stack, altstack: AltStack) -> None:
        self.thread = thread
        self.mask = mask
        self.stack = stack
        self.altstack = altstack
        self.resume: Callable[[], Awaitable[None]] | None = None


class Frame:
    """One handler on a thread's stack, begun or not: the newest is on top."""

    __slots__ = ("action", "context", "info", "interrupted", "sp")

    def __init__(self, info: SigInfo, action: Action, context: Context, interrupted: Stack) -> None:
        self.info = info
        self.action = action
        self.context = context
        self.interrupted = interrupted
        self.sp = interrupted.sp


def place(process: Process, signals: ThreadSignals, action: Action) -> tuple[Stack, int] | None:
    """The stack that a handler's frame goes on, and its lowest address; None if it does not fit."""
    kernel = process.kernel
    area = signals.altstack
    stack = signals.stack
    usable = enabled(area, kernel) and not is_on(area, stack.sp)
    if action.flags & kernel.flags["SA_ONSTACK"] and usable:
        stack = Stack("alternate", area.base, area.size)
        sp = stack.sp - process.frame_size
    else:
        sp = stack.sp - kernel.red_zone - process.frame_size
    return None if sp < stack.base else (stack, sp)


def push(
    process: Process, signals: ThreadSignals, info: SigInfo, action: Action, at: tuple[Stack, int]
) -> Frame:
    """Put a frame where `place` said, and let the thread stand at the handler's beginning."""
    kernel = process.kernel
    stack, sp = at
    restored = signals.saved_mask if signals.saved_mask is not None else signals.mask
    signals.saved_mask = None
    context = Context(signals.thread, restored, stack, signals.altstack)
    frame = Frame(info, action, context, signals.stack)
    if signals.altstack.flags & kernel.stack_flags.get("SS_AUTODISARM", 0):
        signals.altstack = AltStack(0, 0, kernel.stack_flags["SS_DISABLE"])
    signals.stack = stack
    stack.sp = sp
    signals.frames.append(frame)
    return frame


def pop(process: Process, signals: ThreadSignals) -> Frame:
    """Take the newest frame off; its stack is as it was, its mask is the caller's to restore."""
    kernel = process.kernel
    frame = signals.frames.pop()
    signals.stack = frame.interrupted
    signals.stack.sp = frame.sp
    record = frame.context.altstack
    # The kernel ignores the error of a record that it would not take.
    usable = record.size or record.flags & kernel.stack_flags["SS_DISABLE"]
    on_it = enabled(signals.altstack, kernel) and is_on(signals.altstack, signals.stack.sp)
    if kernel.sigreturn_restores_stack and usable and not on_it:
        signals.altstack = record
    return frame
