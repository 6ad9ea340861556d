"""The condition variable. Who is woken is a choice; a waiter may also wake for no reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emu.engine.waitqueue import SPURIOUS, TIMEOUT, WOKEN, WaitQueue
from emu.posix.interruptible import wait
from emu.posix.mutex import Mutex
from emu.posix.process import Process
from emu.posix.threads import PthreadExit
from emu.posix.timespec import Moment, as_deadline

if TYPE_CHECKING:
    from emu.engine.machine import Machine
    from emu.engine.thread import Thread


class _Turn:
    """One thread's wait. It may be woken while it runs a handler, so it keeps the news."""

    __slots__ = ("thread", "woken")

    def __init__(self, thread: Thread) -> None:
        self.thread = thread
        self.woken = False


class Condition:
    """A condition variable called `name`. Its calls give an error's number; 0 is success."""

    __slots__ = ("_turns", "machine", "name", "queue")

    def __init__(self, machine: Machine, name: str) -> None:
        self.machine = machine
        self.name = machine.own_name(name)
        self.queue = WaitQueue(machine, self.name)
        self._turns: list[_Turn] = []

    def __repr__(self) -> str:
        return f"<Condition {self.name}: {len(self._turns)} waiting>"

    async def wait(self, mutex: Mutex) -> int:
        """Give `mutex` up and wait, in one step; own it again on return.

        EPERM from a mutex that checks and that the caller does not own. Handlers run during
        the wait, without the mutex, and do not end it.
        """
        failure = await self.machine.checkpoint("cond_wait")
        if failure is not None:
            return mutex.fail(failure)
        return await self._wait(mutex, None)

    async def timedwait(self, mutex: Mutex, until: Moment) -> int:
        """As `wait`, until a moment (ns, or a `Timespec`) at most: ETIMEDOUT then.

        EINVAL for no moment; the mutex is not given up then.
        """
        failure = await self.machine.checkpoint("cond_timedwait")
        if failure is not None:
            return mutex.fail(failure)
        deadline = as_deadline(until)
        if deadline is None:
            return mutex.fail("EINVAL")
        return await self._wait(mutex, deadline)

    async def signal(self) -> int:
        """Wake a waiter, if there is one."""
        failure = await self.machine.checkpoint("cond_signal", self.name)
        if failure is not None:
            return self._errno(failure)
        count = len(self._turns)
        self._wake([self._turns[self.machine.pick("waiter", count)]] if count else [])
        return 0

    async def broadcast(self) -> int:
        """Wake every waiter."""
        failure = await self.machine.checkpoint("cond_broadcast", self.name)
        if failure is not None:
            return self._errno(failure)
        self._wake(list(self._turns))
        return 0

    def destroy(self) -> int:
        """EBUSY if threads wait."""
        return self._errno("EBUSY") if self._turns else 0

    def _errno(self, error: str) -> int:
        return self.machine.service(Process).kernel.errno(error)

    def _wake(self, turns: list[_Turn]) -> None:
        machine = self.machine
        machine.record("wake", self.name, "cond", [turn.thread.name for turn in turns])
        for turn in turns:
            turn.woken = True
            self._turns.remove(turn)
            if turn.thread in self.queue.waiters:
                machine.unpark(turn.thread, WOKEN)

    async def _wait(self, mutex: Mutex, deadline: int | None) -> int:
        machine = self.machine
        thread = machine.current
        machine.service(Process).cancellation_point()
        if mutex.owner is not thread and mutex.kind != "normal":
            return mutex.fail("EPERM")
        turn = _Turn(thread)
        self._turns.append(turn)
        if mutex.owner is not None:
            mutex.give_up(thread)
        machine.record("wait.begin", self.name, "cond")
        try:
            reason = await self._park(turn, deadline)
        except BaseException as left:
            # By a jump or by cancellation: the news is for somebody else then.
            if not turn.woken:
                self._turns.remove(turn)
            elif self._turns and not machine.ended:
                self._wake(self._turns[:1])
            if isinstance(left, PthreadExit):
                await mutex.own()
            raise
        if not turn.woken:
            self._turns.remove(turn)
        machine.record("wait.end", self.name, "cond", reason)
        await mutex.own()
        if reason != TIMEOUT:
            return 0
        return self._errno("ETIMEDOUT")

    async def _park(self, turn: _Turn, deadline: int | None) -> str:
        machine = self.machine
        process = machine.service(Process)
        while deadline is None or machine.now < deadline:
            reason = await wait(process, self.queue, "cond", deadline=deadline)
            if turn.woken:
                return WOKEN
            if reason in (TIMEOUT, SPURIOUS):
                return reason
        return TIMEOUT
