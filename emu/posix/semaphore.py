"""The unnamed counting semaphore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emu.engine.waitqueue import TIMEOUT, WaitQueue
from emu.posix.interruptible import HANDLED, RESTARTS, wait
from emu.posix.process import Process
from emu.posix.timespec import Moment, as_deadline

if TYPE_CHECKING:
    from emu.engine.machine import Machine

SEM_VALUE_MAX: Final = (1 << 31) - 1


class Semaphore:
    """A semaphore called `name`. Its calls raise `OSError`.

    Raises EINVAL for a value that is negative or above `SEM_VALUE_MAX`.
    """

    __slots__ = ("machine", "name", "queue", "value")

    def __init__(self, machine: Machine, name: str, value: int = 0) -> None:
        self.machine = machine
        self.name = machine.own_name(name)
        self.value = value
        self.queue = WaitQueue(machine, self.name)
        if not 0 <= value <= SEM_VALUE_MAX:
            raise self._fails("sem_init", "EINVAL", f"the value {value}")

    def __repr__(self) -> str:
        return f"<Semaphore {self.name}: {self.value}>"

    async def wait(self) -> None:
        """Take one, waiting as long as it takes.

        Raises EINTR when a handler has run that was installed without SA_RESTART.
        """
        await self._enter("sem_wait")
        self.machine.service(Process).cancellation_point()
        await self._take("sem_wait", None)

    async def timedwait(self, until: Moment) -> None:
        """Take one, waiting until a moment (ns, or a `Timespec`) at most.

        Raises ETIMEDOUT then, EINVAL for no moment, EINTR when any handler has run.
        """
        await self._enter("sem_timedwait")
        self.machine.service(Process).cancellation_point()
        deadline = as_deadline(until)
        if deadline is None:
            raise self._fails("sem_timedwait", "EINVAL", f"{until!r} is no moment")
        await self._take("sem_timedwait", deadline)

    async def trywait(self) -> None:
        """Take one; raises EAGAIN if there is none."""
        await self._enter("sem_trywait")
        if not self._took():
            raise self._fails("sem_trywait", "EAGAIN", "the value is 0")

    async def post(self) -> None:
        """Give one back; a handler may do so too. Raises EOVERFLOW at `SEM_VALUE_MAX`."""
        machine = self.machine
        await self._enter("sem_post")
        if self.value >= SEM_VALUE_MAX:
            raise self._fails("sem_post", "EOVERFLOW", "the value is at its maximum")
        self.value += 1
        woken = self.queue.wake()
        machine.record("wake", self.name, "sem", [thread.name for thread in woken])

    async def getvalue(self) -> int:
        """The value, which is never negative."""
        await self._enter("sem_getvalue")
        self.machine.record("syscall", self.name, "sem_getvalue", self.value, None)
        return self.value

    def destroy(self) -> None:
        """Forget it; raises EBUSY if threads wait."""
        if self.queue.waiters:
            raise self._fails("sem_destroy", "EBUSY", "threads wait for it")

    async def _take(self, call: str, deadline: int | None) -> None:
        machine = self.machine
        if self._took():
            return
        machine.record("wait.begin", self.name, "sem")
        process = machine.service(Process)
        while deadline is None or machine.now < deadline:
            try:
                reason = await wait(process, self.queue, "sem", deadline=deadline)
            except BaseException:
                # Left by a jump or by cancellation: a wake-up is for somebody else then.
                if self.value and not machine.ended:
                    self.queue.wake()
                raise
            ends = reason == HANDLED or (reason == RESTARTS and deadline is not None)
            if ends:
                raise self._fails(call, "EINTR", "a handler has run")
            if self._took():
                return
            if reason == TIMEOUT:
                break
        raise self._fails(call, "ETIMEDOUT", "the moment has come")

    def _took(self) -> bool:
        if self.value == 0:
            return False
        self.value -= 1
        self.machine.record("wait.end", self.name, "sem", "taken")
        return True

    async def _enter(self, call: str) -> None:
        failure = await self.machine.checkpoint(call, self.name)
        if failure is not None:
            raise self._fails(call, failure, "injected")

    def _fails(self, call: str, error: str, text: str) -> OSError:
        self.machine.record("syscall", self.name, call, -1, error)
        return self.machine.service(Process).kernel.error(error, f"{self.name}: {text}")
