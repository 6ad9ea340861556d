"""What the engine's tests run: any async function, and the least lock there can be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from emu.engine.carrier import open_carriers
from emu.engine.chooser import Chooser
from emu.engine.machine import Machine
from emu.engine.ownership import Ownership
from emu.engine.scenario import Setup, scenario, setup
from emu.engine.waitqueue import WaitQueue
from emu.engine.watchdog import Limits
from emu.record.history import History

Program = Callable[[Machine], Awaitable[Any]]


def made(program: Program, limits: Limits | None = None) -> Setup:
    return setup(scenario()(program), limits=limits)


async def run(
    program: Program, chooser: Chooser | None = None, limits: Limits | None = None
) -> History:
    """One run, quiet unless a chooser says otherwise."""
    async with open_carriers() as carriers:
        return await Machine(made(program, limits), chooser or Chooser(), carriers).run()


def trail(history: History, kind: str = "note") -> list[str]:
    """What the events of one kind say, in order: `thread: text`."""
    return [
        f"{event.thread}: {next(iter(event.fields.values()), event.object)}"
        for event in history.events
        if event.event == kind
    ]


class Lock:
    """Excludes; whoever is woken tries again."""

    def __init__(self, m: Machine, name: str) -> None:
        self.m = m
        self.name = name
        self.ownership = Ownership(name)
        self.queue = WaitQueue(m, name)

    async def lock(self) -> None:
        m = self.m
        await m.checkpoint("lock")
        since, met = m.now, self.ownership.owner
        thread = m.current
        while not self.ownership.acquire(thread):
            owner = self.ownership.owner
            m.record("lock.wait", self.name, owner.name if owner else None, "exclusive")
            await self.queue.park("lock", holders=self.ownership.holders)
        held_by = met.name if met else None
        m.record("lock.acquire", self.name, m.now - since, met is not None, held_by, "exclusive")
        self.ownership.since = m.events[-1]

    async def unlock(self) -> None:
        await self.m.checkpoint("unlock")
        self.ownership.release(self.m.current)
        self.m.record("lock.release", self.name, "exclusive")
        self.queue.wake()

    async def __aenter__(self) -> None:
        await self.lock()

    async def __aexit__(self, *_: object) -> None:
        await self.unlock()


class Script(Chooser):
    """Gives the options it was told, by (step, kind); 0 elsewhere. Is asked at every step."""

    quiet_until = 0
    timer_step = 0

    def __init__(self, options: dict[tuple[int, str], int] | None = None) -> None:
        self.options = options or {}
        self.asked: list[tuple[int, str, int]] = []

    def _answer(self, step: int, kind: str, options: int) -> int:
        self.asked.append((step, kind, options))
        return self.options.get((step, kind), 0)

    def thread(self, step: int, runnable: Any, here: int) -> int:
        return self._answer(step, "thread", len(runnable))

    def timer(self, step: int) -> int:
        return self._answer(step, "timer", 2)

    def chaos(self, step: int, entries: tuple[int, ...]) -> int:
        return self._answer(step, "chaos", len(entries) + 1)

    def pick(self, step: int, kind: str, options: int) -> int:
        return self._answer(step, kind, options)


async def inversion(m: Machine) -> None:
    """Two threads take two locks in opposite orders, one step each in turn."""
    left, right = Lock(m, "left"), Lock(m, "right")

    async def worker(first: Lock, second: Lock) -> None:
        await first.lock()
        await m.yield_now()
        await second.lock()

    m.spawn(worker, left, right, name="T1")
    m.spawn(worker, right, left, name="T2")
