"""Blocking calls on files, as far as signals care: a pipe to read, poll and wait for.

The calls stand for their classes: `read` goes on after a handler with SA_RESTART, `poll`
ends after any handler, `epoll_wait` and a `recv` with a timeout end after anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from emu.engine.waitqueue import INTERRUPTED, TIMEOUT, WaitQueue
from emu.posix.interruptible import HANDLED, RESTARTS, wait
from emu.posix.process import Process
from emu.posix.thread_signals import Interruption

if TYPE_CHECKING:
    from emu.engine.machine import Machine

_ENDS: Final = {
    "read": (HANDLED,),
    "write": (HANDLED,),
    "poll": (HANDLED, RESTARTS),
    "epoll_wait": (HANDLED, RESTARTS, INTERRUPTED),
    "recv": (HANDLED, RESTARTS, INTERRUPTED),
}
"""For each call the reasons that end it with EINTR."""


class Pipe:
    """A pipe called `name` that holds up to `capacity` messages. Calls raise `OSError`."""

    __slots__ = ("_readers", "_writers", "capacity", "machine", "messages", "name")

    def __init__(self, machine: Machine, name: str, capacity: int = 16) -> None:
        self.machine = machine
        self.name = machine.own_name(name)
        self.capacity = capacity
        self.messages: list[Any] = []
        self._readers = WaitQueue(machine, self.name)
        self._writers = WaitQueue(machine, self.name)

    async def write(self, message: Any) -> None:
        """Put a message in, waiting while it is full. Raises EINTR without SA_RESTART."""
        await self._enter("write")
        while len(self.messages) >= self.capacity:
            await self._wait("write", self._writers, None)
        self.messages.append(message)
        self._readers.wake()
        self._done("write")

    async def read(self) -> Any:
        """Take a message, waiting while it is empty. Raises EINTR without SA_RESTART."""
        await self._enter("read")
        while not self.messages:
            await self._wait("read", self._readers, None)
        return self._take("read")

    async def recv(self, duration: int) -> Any:
        """As `read` of a socket with a receive timeout, in ns. Raises EAGAIN after it, EINTR."""
        await self._enter("recv")
        deadline = self.machine.now + duration
        while not self.messages:
            if await self._wait("recv", self._readers, deadline):
                raise self._fails("recv", "EAGAIN")
        return self._take("recv")

    async def poll(self, duration: int | None = None) -> bool:
        """Whether there is something to read within a time, in ns. Raises EINTR."""
        return await self._ready("poll", duration)

    async def epoll_wait(self, duration: int | None = None) -> bool:
        """As `poll`; stopping and continuing the process ends it, too."""
        return await self._ready("epoll_wait", duration)

    async def _ready(self, call: str, duration: int | None) -> bool:
        await self._enter(call)
        deadline = None if duration is None else self.machine.now + duration
        while not self.messages:
            if await self._wait(call, self._readers, deadline):
                self._done(call)
                return False
        self._readers.wake()  # it took nothing: another reader may
        self._done(call)
        return True

    async def _wait(self, call: str, queue: WaitQueue, deadline: int | None) -> bool:
        """Wait once; gives whether the time is over."""
        process = self.machine.service(Process)
        ends = _ENDS[call]
        interruption = Interruption(always=INTERRUPTED in ends)
        self.machine.record("wait.begin", self.name, call)
        reason = await wait(process, queue, "io", deadline=deadline, interruption=interruption)
        self.machine.record("wait.end", self.name, call, reason)
        if reason in ends:
            raise self._fails(call, "EINTR")
        return reason == TIMEOUT

    def _take(self, call: str) -> Any:
        message = self.messages.pop(0)
        self._writers.wake()
        self._done(call)
        return message

    async def _enter(self, call: str) -> None:
        await self.machine.service(Process).enter(call, self.name)

    def _done(self, call: str) -> None:
        self.machine.record("syscall", self.name, call, 0, None)

    def _fails(self, call: str, error: str) -> OSError:
        return self.machine.service(Process).fails(call, error, self.name)
