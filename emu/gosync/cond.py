"""The condition variable: whoever was woken wants its mutex, which is a step of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emu.engine.recorder import Standing, standing
from emu.engine.units import UNITS
from emu.engine.waitqueue import TIMEOUT, WOKEN, WaitQueue
from emu.errors import UsageError

if TYPE_CHECKING:
    from emu.engine.machine import Machine
    from emu.engine.thread import Thread
    from emu.gosync.mutex import Mutex


class _Sleeper:
    """A thread in `wait`, since its step there."""

    __slots__ = ("at", "mutex", "thread", "woken")

    def __init__(self, thread: Thread, mutex: Mutex, at: Standing) -> None:
        self.thread = thread
        self.mutex = mutex
        self.at = at
        self.woken = False


class Cond:
    """A condition variable called `name`. News is not remembered, no wake-up is spurious.

    `signal` wakes the one who has waited longest, as Go's does.
    """

    __slots__ = ("_sleepers", "machine", "name", "queue")

    def __init__(self, machine: Machine, name: str) -> None:
        self.machine = machine
        self.name = machine.own_name(name)
        self.queue = WaitQueue(machine, self.name)
        self._sleepers: list[_Sleeper] = []

    async def wait(self, mutex: Mutex, seconds: float | None = None) -> bool:
        """Release `mutex` and sleep; gives whether it was woken before `seconds` went by.

        The mutex is the caller's again when this returns. Raises `Panic` where `unlock` or
        `lock` would, `UsageError` for a time below 0.
        """
        if seconds is not None and not seconds >= 0:
            raise UsageError(f"wait on {self.name}: {seconds!r} seconds; allowed is from 0")
        machine = self.machine
        await machine.checkpoint("wait")  # it touches the mutex as well
        deadline = None if seconds is None else machine.now + round(seconds * UNITS["s"])
        sleeper = _Sleeper(machine.current, mutex, standing())
        mutex.give_up()
        self._sleepers.append(sleeper)
        machine.record("wait.begin", self.name, "cond")
        try:
            reason = await self._sleep(sleeper, deadline)
        finally:
            if not sleeper.woken:
                self._sleepers.remove(sleeper)
        machine.record("wait.end", self.name, "cond", reason)
        if reason == TIMEOUT:
            machine.decided()
            await mutex.lock()
        else:
            await mutex.arrive()
        return reason == WOKEN

    async def signal(self) -> None:
        """Wake one sleeper, if there is any."""
        await self.machine.checkpoint("signal", self.name)
        self._wake(self._sleepers[:1])

    async def broadcast(self) -> None:
        """Wake every sleeper."""
        await self.machine.checkpoint("broadcast", self.name)
        self._wake(self._sleepers[:])

    async def _sleep(self, sleeper: _Sleeper, deadline: int | None) -> str:
        while not sleeper.woken:
            reason = await self.queue.park("cond", deadline=deadline)
            if reason == TIMEOUT and not sleeper.woken:
                return TIMEOUT
        return WOKEN

    def _wake(self, sleepers: list[_Sleeper]) -> None:
        self.machine.record("wake", self.name, "cond", [one.thread.name for one in sleepers])
        for sleeper in sleepers:
            sleeper.woken = True
            self._sleepers.remove(sleeper)
            sleeper.mutex.bring(sleeper.thread, self.queue, sleeper.at)
