"""The read-write lock that prefers writers, by Go's rule.

From the moment a writer waits, new readers wait behind it, even those that hold a read lock
already. When a writer unlocks, every reader that waits is admitted before the next writer.
Whoever has to wait is admitted by the unlocker's step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from emu.engine.ownership import Ownership
from emu.engine.recorder import Standing, standing
from emu.engine.thread import Panic
from emu.engine.waitqueue import WaitQueue
from emu.gosync.arrival import release

if TYPE_CHECKING:
    from emu.engine.machine import Machine
    from emu.engine.thread import Thread

Mode = Literal["shared", "exclusive"]
READ: Final = "shared"
WRITE: Final = "exclusive"


class _Applicant:
    """A thread that waits to be admitted."""

    __slots__ = ("at", "mode", "owned", "since", "thread")

    def __init__(self, thread: Thread, mode: Mode, at: Standing, since: int) -> None:
        self.thread = thread
        self.mode = mode
        self.at = at
        self.since = since
        self.owned: Ownership | None = None


class RWMutex:
    """A read-write lock called `name`. Anybody may unlock it."""

    __slots__ = ("_readers", "_writer", "applicants", "machine", "name", "queue")

    def __init__(self, machine: Machine, name: str) -> None:
        self.machine = machine
        self.name = machine.own_name(name)
        self.queue = WaitQueue(machine, self.name)
        self.applicants: list[_Applicant] = []
        self._writer: Ownership | None = None
        self._readers: list[Ownership] = []

    async def rlock(self) -> None:
        """Share it with other readers, waiting behind any writer."""
        await self._lock("rlock", READ)

    async def lock(self) -> None:
        """Have it alone."""
        await self._lock("wlock", WRITE)

    async def runlock(self) -> None:
        """Give up one read lock: the caller's if it has one; raises `Panic` if there is none."""
        machine = self.machine
        await machine.checkpoint("runlock", self.name)
        mine = (owned for owned in self._readers if owned.owner is machine.current)
        owned = next(mine, self._readers[0] if self._readers else None)
        if owned is None:
            raise self._panic("runlock", READ)
        self._readers.remove(owned)
        self._release(owned, READ)
        if not self._readers:
            self._admit(next((one for one in self.applicants if one.mode == WRITE), None))

    async def unlock(self) -> None:
        """Give up the write lock; raises `Panic` if there is none."""
        await self.machine.checkpoint("wunlock", self.name)
        owned = self._writer
        if owned is None:
            raise self._panic("unlock", WRITE)
        self._writer = None
        self._release(owned, WRITE)
        readers = [one for one in self.applicants if one.mode == READ]
        for one in readers or self.applicants[:1]:
            self._admit(one)

    async def _lock(self, operation: str, mode: Mode) -> None:
        machine = self.machine
        await machine.checkpoint(operation, self.name)
        thread = machine.current
        if self._free(mode):
            owned = self._grant(mode)
            owned.acquire(thread)
            machine.record("lock.acquire", self.name, 0, False, None, mode)
            owned.since = machine.events[-1]
            return
        met = self._ahead(thread, mode)
        machine.record("lock.wait", self.name, met[0].name if met else None, mode)
        applicant = _Applicant(thread, mode, standing(), machine.now)
        self.applicants.append(applicant)
        try:
            while applicant.owned is None:
                await self.queue.park("lock", holders=lambda: self._ahead(thread, mode))
        finally:
            if applicant.owned is None:
                self.applicants.remove(applicant)
        applicant.owned.acquire(thread)
        machine.decided()  # it has had the lock since the unlocker's step

    def _free(self, mode: Mode) -> bool:
        if self._writer is not None:
            return False
        if mode == WRITE:
            return not self._readers
        return all(one.mode == READ for one in self.applicants)

    def _grant(self, mode: Mode) -> Ownership:
        owned = Ownership(self.name)
        if mode == WRITE:
            self._writer = owned
        else:
            self._readers.append(owned)
        return owned

    def _admit(self, applicant: _Applicant | None) -> None:
        if applicant is None:
            return
        machine, thread = self.machine, applicant.thread
        owned = applicant.owned = self._grant(applicant.mode)
        owned.reserve(thread)
        self.applicants.remove(applicant)
        values = (machine.now - applicant.since, True, machine.current.name, applicant.mode)
        owned.since = machine.record_for(thread, applicant.at, "lock.acquire", self.name, *values)
        release(self.queue, thread)

    def _release(self, owned: Ownership, mode: Mode) -> None:
        if owned.owner is not None:
            owned.release(self.machine.current)
        self.machine.record("lock.release", self.name, mode)

    def _ahead(self, thread: Thread, mode: Mode) -> tuple[Thread, ...]:
        """Who must act before `thread` is admitted: owners, and for readers a waiting writer."""
        owned = [*self._readers, *([] if self._writer is None else [self._writer])]
        if mode == READ and self._writer is None:
            return tuple(one.thread for one in self.applicants if one.mode == WRITE)[:1]
        return tuple(holder for one in owned for holder in one.holders())

    def _panic(self, operation: str, mode: Mode) -> Panic:
        self.machine.record("lock.fail", self.name, "EPERM", mode)
        return Panic(f"{operation} of a read-write lock that is not locked: {self.name}")
