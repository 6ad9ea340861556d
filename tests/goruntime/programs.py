"""What the Go runtime's tests run: a Go program, with faults and signals at exact places."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

from emu.chaos.entries import Entry
from emu.chaos.plan import Plan
from emu.engine.carrier import open_carriers
from emu.engine.chooser import Chooser
from emu.engine.machine import Machine
from emu.engine.scenario import scenario, setup
from emu.engine.watchdog import Limits
from emu.goruntime.knobs import Knobs
from emu.goruntime.runtime import Runtime
from emu.record.history import History
from emu.scenarios.goprogram import run_program

Program = Callable[[Runtime], Awaitable[Any]]


class AtSite(Chooser):
    """Quiet, but chaos acts at its `number`-th site, and once only."""

    def __init__(self, number: int = 1) -> None:
        self.number = number
        self.sites = 0

    def chaos(self, step: int, entries: tuple[int, ...]) -> int:
        self.sites += 1
        return int(self.sites == self.number)


class Ran:
    """One run of a Go program: what it left behind, and its runtime."""

    def __init__(self, history: History, rt: Any) -> None:
        self.history = history
        self.rt = rt

    @property
    def outcome(self) -> str:
        return self.history.outcome.name

    @property
    def signature(self) -> str:
        return self.history.findings[0].signature if self.history.findings else ""

    @property
    def output(self) -> list[str]:
        return list(self.rt.process.output)

    def events(self, kind: str) -> list[Any]:
        return [event for event in self.history.events if event.event == kind]

    def objects(self, kind: str) -> list[str]:
        return [event.object for event in self.events(kind)]


async def go(
    main: Program,
    *workers: Program,
    knobs: Knobs | None = None,
    chaos: Entry | None = None,
    site: int = 1,
    chooser: Chooser | None = None,
    limits: Limits | None = None,
    boot: bool = False,
) -> Ran:
    """Run a Go program; with `boot`, chaos may act from its very first instruction."""
    made: list[Any] = []

    @scenario()
    async def program(m: Machine) -> None:
        rt = Runtime(m, knobs or Knobs())
        made.append(SimpleNamespace(**vars(rt)))  # a runtime is empty after its run
        if boot:
            await rt.rt0(lambda: main(rt))
        else:
            await run_program(rt, main, *workers)

    plan = Plan((chaos,)) if chaos is not None else None
    async with open_carriers() as carriers:
        machine = Machine(
            setup(program, chaos=plan, limits=limits), chooser or AtSite(site), carriers
        )
        history = await machine.run()
    return Ran(history, made[0])


async def nothing(rt: Runtime) -> None:
    """A program that does nothing."""
