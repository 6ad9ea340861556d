"""Running a Go program whose start is not what a scenario is about.

Chaos may act only once every goroutine stands at its beginning, each on an M of its own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NoReturn

from emu.engine.waitqueue import WaitQueue
from emu.goruntime.runtime import Runtime

Activity = Callable[[Runtime], Awaitable[object]]
"""What a goroutine does."""


class Gate:
    """Where goroutines wait, each on its own M, until all are there; then chaos may act."""

    def __init__(self, rt: Runtime, goroutines: int) -> None:
        self.machine = rt.machine
        self.missing = goroutines
        self.queue = WaitQueue(rt.machine, "gate")
        self.chaos, self.machine.chaos = self.machine.chaos, None
        self.machine.reckon()

    async def meet(self) -> None:
        """Wait for the others."""
        self.missing -= 1
        if not self.missing:
            self.machine.chaos = self.chaos
            self.machine.reckon()
            self.queue.wake_all()
        while self.missing:
            self.machine.record("wait.begin", "gate", "gate")
            await self.queue.park("gate")


async def run_program(rt: Runtime, main: Activity, *workers: Activity) -> NoReturn:
    """Run a Go program on this thread: main.main does `main`, and waits for its workers.

    GOMAXPROCS must give every goroutine an M: one more than there are workers.
    """
    gate = Gate(rt, 1 + len(workers))
    done = rt.semaphore("done", 0)

    async def begin() -> None:
        for worker in workers:
            await rt.sched.newproc(work(worker), "main.worker")
        await gate.meet()
        await main(rt)
        for _ in workers:
            await done.acquire()

    def work(activity: Activity) -> Callable[[], Awaitable[None]]:
        async def body() -> None:
            await gate.meet()
            await activity(rt)
            await done.release()

        return body

    await rt.rt0(begin)
