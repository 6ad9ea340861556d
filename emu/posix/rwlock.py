"""The read-write lock: many readers or one writer; readers do not wait for waiting writers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from emu.engine.ownership import Ownership
from emu.engine.waitqueue import TIMEOUT, WaitQueue
from emu.posix.process import Process
from emu.posix.timespec import Moment, as_deadline
from emu.record.event import TRIED

if TYPE_CHECKING:
    from emu.engine.machine import Machine
    from emu.engine.thread import Thread

Mode = Literal["shared", "exclusive"]
READ: Final = "shared"
WRITE: Final = "exclusive"


class RWLock:
    """A read-write lock called `name`. Its calls give an error's number; 0 is success.

    A writer that locks again is refused with EDEADLK. A reader may read again; one that
    wants to write waits for itself.
    """

    __slots__ = ("machine", "name", "queue", "readers", "writer")

    def __init__(self, machine: Machine, name: str) -> None:
        self.machine = machine
        self.name = machine.own_name(name)
        self.queue = WaitQueue(machine, self.name)
        self.writer = Ownership(self.name)
        self.readers: list[Ownership] = []

    async def rdlock(self) -> int:
        """Share it with other readers, waiting while there is a writer."""
        failure = await self.machine.checkpoint("rdlock", self.name)
        return self._fail(failure, READ) if failure else await self._lock(READ, None)

    async def wrlock(self) -> int:
        """Have it alone, waiting while there are readers or a writer."""
        failure = await self.machine.checkpoint("wrlock", self.name)
        return self._fail(failure, WRITE) if failure else await self._lock(WRITE, None)

    async def timedrdlock(self, until: Moment) -> int:
        """As `rdlock`, until a moment (ns, or a `Timespec`): ETIMEDOUT then, EINVAL for none."""
        failure = await self.machine.checkpoint("timedrdlock", self.name)
        return self._fail(failure, READ) if failure else await self._timed(READ, until)

    async def timedwrlock(self, until: Moment) -> int:
        """As `wrlock`, until a moment (ns, or a `Timespec`): ETIMEDOUT then, EINVAL for none."""
        failure = await self.machine.checkpoint("timedwrlock", self.name)
        return self._fail(failure, WRITE) if failure else await self._timed(WRITE, until)

    async def tryrdlock(self) -> int:
        """As `rdlock`, at once; else EBUSY."""
        failure = await self.machine.checkpoint("tryrdlock", self.name)
        if failure is None and self._take(READ, self.machine.now, None, TRIED):
            return 0
        return self._fail(failure or "EBUSY", READ)

    async def trywrlock(self) -> int:
        """As `wrlock`, at once; else EBUSY."""
        failure = await self.machine.checkpoint("trywrlock", self.name)
        if failure is None and self._take(WRITE, self.machine.now, None, TRIED):
            return 0
        return self._fail(failure or "EBUSY", WRITE)

    async def unlock(self) -> int:
        """Give up one lock: the writer's, else one of the caller's, else one of any reader."""
        machine = self.machine
        failure = await machine.checkpoint("rwunlock", self.name)
        if failure is not None:
            return self._fail(failure, WRITE if self.writer.owner is not None else READ)
        if self.writer.owner is not None:
            self.writer.release(machine.current)
            machine.record("lock.release", self.name, WRITE)
        elif self.readers:
            held = self._held_by(machine.current) or self.readers[0]
            held.count -= 1
            if held.count:
                return 0
            self.readers.remove(held)
            held.release(machine.current)
            machine.record("lock.release", self.name, READ)
        self.queue.wake_all()
        return 0

    def destroy(self) -> int:
        """Give 0, always."""
        return 0

    async def _timed(self, mode: Mode, until: Moment) -> int:
        deadline = as_deadline(until)
        return self._fail("EINVAL", mode) if deadline is None else await self._lock(mode, deadline)

    async def _lock(self, mode: Mode, deadline: int | None) -> int:
        machine = self.machine
        since = machine.now
        if self.writer.owner is machine.current:
            return self._fail("EDEADLK", mode)
        tried = "" if deadline is None else TRIED
        if self._take(mode, since, None, tried):
            return 0
        met = self._holders()[0].name
        machine.record("lock.wait", self.name, met, mode + tried)
        while deadline is None or machine.now < deadline:
            reason = await self.queue.park("lock", holders=self._holders, deadline=deadline)
            if self._take(mode, since, met, tried):
                return 0
            if reason == TIMEOUT:
                break
        return self._fail("ETIMEDOUT", mode)

    def _take(self, mode: Mode, since: int, met: str | None, tried: str = "") -> bool:
        machine = self.machine
        thread = machine.current
        if self.writer.owner is not None or (mode == WRITE and self.readers):
            return False
        held = self._held_by(thread)
        if held is not None:
            held.count += 1
            return True
        owned = self.writer
        if mode == READ:
            owned = Ownership(self.name)
            self.readers.append(owned)
        owned.acquire(thread)
        waited = machine.now - since
        machine.record("lock.acquire", self.name, waited, met is not None, met, mode + tried)
        owned.since = machine.events[-1]
        return True

    def _held_by(self, thread: Thread) -> Ownership | None:
        return next((held for held in self.readers if held.owner is thread), None)

    def _holders(self) -> tuple[Thread, ...]:
        owned = [self.writer, *self.readers]
        return tuple(held.owner for held in owned if held.owner is not None)

    def _fail(self, error: str, mode: Mode) -> int:
        self.machine.record("lock.fail", self.name, error, mode)
        return self.machine.service(Process).kernel.errno(error)
