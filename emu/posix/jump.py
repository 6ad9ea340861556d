"""Jumps that are not local: `sigsetjmp` and `siglongjmp`.

A jump is an exception. It lands where the program catches `Jump` and finds its own buffer:

    buffer = process.sigsetjmp()
    try:
        ...
    except Jump as jump:
        jump.land(buffer)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from emu.posix.process import Process
    from emu.posix.sigset import SigSet


class JumpBuffer:
    """A place to jump to, and the mask to restore there; None leaves the mask alone."""

    __slots__ = ("mask",)

    def __init__(self, mask: SigSet | None) -> None:
        self.mask = mask


class Jump(Exception):
    """On its way to the place of `buffer`, with a value that is not 0."""

    def __init__(self, buffer: JumpBuffer, value: int) -> None:
        super().__init__(value)
        self.buffer = buffer
        self.value = value

    def land(self, buffer: JumpBuffer) -> int:
        """The value, if the jump was to `buffer`; else it goes on."""
        if self.buffer is not buffer:
            raise self
        return self.value


def sigsetjmp(process: Process, *, savemask: bool = True) -> JumpBuffer:
    """A buffer for jumps to this place of the running thread."""
    thread = process.machine.current
    return JumpBuffer(process.signals(thread).mask if savemask else None)


async def siglongjmp(process: Process, buffer: JumpBuffer, value: int = 1) -> NoReturn:
    """Jump to the place of `buffer`, out of any handler; restores the mask it saved."""
    if buffer.mask is not None:
        await process.sigprocmask("SIG_SETMASK", buffer.mask)
    raise Jump(buffer, value or 1)
