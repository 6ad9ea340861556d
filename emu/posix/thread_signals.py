"""What signals know of one thread: mask, pending set, stacks and frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emu.posix.altstack import AltStack, thread_stack
from emu.posix.pending import Pending

if TYPE_CHECKING:
    from emu.engine.thread import Thread
    from emu.posix.frame import Frame
    from emu.posix.kernel import Kernel
    from emu.posix.siginfo import SigInfo
    from emu.posix.sigset import SigSet


class Interruption:
    """One wait of a thread, as signals see it; `flags` are those of the first handler run.

    The first frame built since the wait began decides whether the call restarts. `always`
    says that the call ends even if it was interrupted without a handler. `taken` is the
    signal that `sigwait` or its kin has got.
    """

    __slots__ = ("always", "flags", "taken")

    def __init__(self, *, always: bool = False) -> None:
        self.flags: int | None = None
        self.always = always
        self.taken: SigInfo | None = None


class ThreadSignals:
    """The signal state of one thread. `stack` is the stack it runs on: who switches sets it.

    `saved_mask` is what the next frame is to restore instead of the mask (`sigsuspend`);
    `awaited` the set that `sigwait` and its kin wait for, with `real_mask` the mask outside.
    """

    __slots__ = (
        "altstack",
        "awaited",
        "exiting",
        "frames",
        "interruption",
        "mask",
        "notified",
        "pending",
        "real_mask",
        "saved_mask",
        "stack",
        "thread",
    )

    def __init__(
        self,
        thread: Thread,
        kernel: Kernel,
        mask: SigSet,
        altstack: AltStack,
    ) -> None:
        self.thread = thread
        self.mask = mask
        self.pending = Pending(kernel)
        self.altstack = altstack
        self.stack = thread_stack(max(thread.id, 0))
        self.frames: list[Frame] = []
        self.notified = False
        self.exiting = False
        self.interruption: Interruption | None = None
        self.saved_mask: SigSet | None = None
        self.awaited: SigSet | None = None
        self.real_mask: SigSet | None = None

    def blocks(self, number: int) -> bool:
        """Whether the signal is in the mask."""
        return bool(self.mask.bits >> (number - 1) & 1)
