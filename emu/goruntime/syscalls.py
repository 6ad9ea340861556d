"""What the runtime's C code asks of the kernel, and how it crashes on purpose."""

from __future__ import annotations

from contextlib import suppress
from typing import Final, NoReturn

from emu.engine.machine import Machine
from emu.goruntime.arch import ARCHES
from emu.goruntime.knobs import Knobs
from emu.posix.action import Action
from emu.posix.altstack import AltStack
from emu.posix.freebsd import FREEBSD
from emu.posix.process import Process
from emu.posix.sigset import SigSet

SIG_SETMASK: Final = 3
"""What the mask wrapper passes as `how`, on every system."""

NOTOK: Final = 0xF1
"""Where the wrapper of a failed system call stores to crash."""


class Syscalls:
    """A process on FreeBSD, as the runtime's assembly sees it."""

    def __init__(self, machine: Machine, knobs: Knobs) -> None:
        self.machine = machine
        self.checkpoint = machine.checkpoint
        self.knobs = knobs
        self.machinery = ARCHES[knobs.arch]
        self.process = Process(machine, FREEBSD, thread_limit=knobs.thr_limit)

    async def fault(self, signal: str, address: int) -> NoReturn:
        """Touch what is not there: faults again and again, if a handler returns."""
        code = "BUS_ADRERR" if signal == "SIGBUS" else "SEGV_MAPERR"
        while True:
            await self.process.fault(signal, address, code)

    async def umtx(self, call: str, address: int) -> None:
        """The umtx system call; an unexpected error is a crash on purpose at `address`."""
        failure = await self.machine.checkpoint(call)
        if failure not in (None, "EINTR"):
            self.print(f"{call}: {failure}")
            await self.fault("SIGSEGV", address)

    async def mmap(self, size: int) -> bool:
        """Ask the kernel for `size` bytes of address space; gives whether there were any."""
        failure = await self.checkpoint("mmap")
        self.machine.record("syscall", "", "mmap", None if failure else size, failure)
        return failure is None

    async def sigprocmask(self, new: SigSet | None, *, how: int = SIG_SETMASK) -> SigSet:
        """The mask wrapper; where the carry flag reports an error, it stores to `NOTOK`."""
        try:
            return await self.process.sigprocmask(how, new)
        except OSError:
            await self.fault("SIGSEGV", NOTOK)

    async def sigaction(self, signal: str, action: Action) -> None:
        """Set a signal's action; crashes as the mask wrapper does."""
        try:
            await self.process.sigaction(signal, action)
        except OSError:
            await self.fault("SIGSEGV", NOTOK)

    async def sigaltstack(self, stack: AltStack) -> None:
        """Set this thread's alternate stack; crashes as the mask wrapper does."""
        try:
            await self.process.sigaltstack(stack)
        except OSError:
            await self.fault("SIGSEGV", NOTOK)

    async def setitimer(self, which: str, interval: int) -> None:
        """Arm a timer to expire every `interval` ns, 0 is never; nobody looks at an error."""
        with suppress(OSError):
            await self.process.setitimer(which, interval, interval)

    def print(self, text: str) -> None:
        """Write a line to standard error."""
        self.process.write(text)
