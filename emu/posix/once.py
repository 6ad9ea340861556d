"""`pthread_once`: a routine that runs once, whoever comes first; the others wait for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from emu.engine.waitqueue import WaitQueue
from emu.posix.process import Process

if TYPE_CHECKING:
    from emu.engine.machine import Machine
    from emu.engine.thread import Thread


class Once:
    """The control of a routine that is to run once. `done` says whether it has."""

    __slots__ = ("done", "machine", "name", "queue", "runner")

    def __init__(self, machine: Machine, name: str) -> None:
        self.machine = machine
        self.name = machine.own_name(name)
        self.done = False
        self.runner: Thread | None = None
        self.queue = WaitQueue(machine, self.name)

    async def call(self, routine: Callable[[], Awaitable[object]]) -> int:
        """Run `routine`, if nobody did; return 0 when it has run.

        If it is left by cancellation or a jump, it is as if it had never been called.
        """
        machine = self.machine
        failure = await machine.checkpoint("once", self.name)
        if failure is not None:
            return machine.service(Process).kernel.errno(failure)
        while not self.done and self.runner is not None:
            machine.record("wait.begin", self.name, "once")
            reason = await self.queue.park("once", holders=self._holders)
            machine.record("wait.end", self.name, "once", reason)
        if self.done:
            return 0
        self.runner = machine.current
        try:
            await routine()
            self.done = True
        finally:
            self.runner = None
            if not machine.ended:
                self.queue.wake_all()
        return 0

    def _holders(self) -> tuple[Thread, ...]:
        return () if self.runner is None else (self.runner,)
