"""Runs small emulated programs, and tables of them: one program a row, each row with an id.

A program is `async def program(m, p)`: a machine and the process on it. It states what
must hold with plain asserts, so a row that does not hold has the outcome `assertion`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
import trio

from emu.engine.carrier import Carriers, open_carriers
from emu.engine.chooser import Chooser
from emu.engine.machine import Machine
from emu.engine.scenario import ChaosPlan, NoChaos, Scenario, Setup
from emu.engine.watchdog import Limits
from emu.posix.kernel import Kernel
from emu.posix.linux import LINUX
from emu.posix.process import Process
from emu.posix.sigset import SigSet
from emu.record.finding import Expectation
from emu.record.history import History

Program = Callable[..., Awaitable[Any]]

SIGNALS = [
    f"SIG{name}"
    for name in [
        "ABRT",
        "USR2",
        "BUS",
        "CHLD",
        "CONT",
        "FPE",
        "HUP",
        "ILL",
        "INT",
        "PIPE",
        "QUIT",
        "SEGV",
        "TERM",
        "TSTP",
        "TTIN",
        "TTOU",
        "ALRM",
        "USR1",
        "POLL",
        "PROF",
        "SYS",
        "TRAP",
        "URG",
        "VTALRM",
        "XCPU",
        "XFSZ",
    ]
]
"""The standard signals that can be caught; the first sixteen are those of the shorter families."""

SECOND = 1_000_000_000


class Dice(Chooser):
    """Every choice at random, but time never runs ahead."""

    quiet_until = 0

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)

    def thread(self, step: int, runnable: Any, here: int) -> int:
        return self.rng.randrange(len(runnable))

    def pick(self, step: int, kind: str, options: int) -> int:
        return self.rng.randrange(options)


class Always(Chooser):
    """The quiet schedule, with everything injected that may be."""

    def chaos(self, step: int, entries: tuple[int, ...]) -> int:
        return 1


async def run_in(
    carriers: Carriers,
    program: Program,
    *,
    kernel: Kernel = LINUX,
    seed: int | None = None,
    steps: int = 20_000,
    graph: bool = True,
    chaos: ChaosPlan | None = None,
    **options: Any,
) -> History:
    async def main(m: Machine) -> None:
        await program(m, Process(m, kernel, **options))

    scenario = Scenario(main, (), Expectation())
    setup = Setup(scenario, {}, chaos or NoChaos(), Limits(steps=steps, graph=graph))
    quiet = Chooser() if chaos is None else Always()
    chooser = quiet if seed is None else Dice(seed)
    return await Machine(setup, chooser, carriers).run()


def run(program: Program, **options: Any) -> History:
    """One run: by the quiet schedule, or by a random one with `seed`."""

    async def main() -> History:
        async with open_carriers() as carriers:
            return await run_in(carriers, program, **options)

    return trio.run(main)


def at(m: Machine, seconds: float, call: Callable[[], object]) -> None:
    """Have `call` called from outside at a moment of virtual time."""
    m.clock.at(round(seconds * SECOND), call)


def near(m: Machine, seconds: float) -> bool:
    """Whether it is that moment of virtual time, give or take the steps that a call costs."""
    return 0 <= m.now - round(seconds * SECOND) < 10_000_000


def seen(history: History, kind: str, name: str = "signal") -> list[Any]:
    """One field of every event of a kind, in order."""
    return [event.fields[name] for event in history.events if event.event == kind]


class Calls:
    """A handler that counts: `names` are the signals it was called with, in order."""

    def __init__(self, body: Program | None = None) -> None:
        self.names: list[str] = []
        self.infos: list[Any] = []
        self.threads: list[str] = []
        self.__name__ = "calls"
        self._body = body

    async def __call__(self, info: Any, context: Any) -> None:
        self.names.append(info.signal)
        self.infos.append(info)
        self.threads.append(context.thread.name)
        if self._body is not None:
            await self._body(info, context)

    def __len__(self) -> int:
        return len(self.names)


@dataclass
class Row:
    """One assertion: a program, how it is to end, and under how many random schedules."""

    id: str
    program: Program
    outcome: str
    seeds: int
    each: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        """Run it under every schedule."""
        trio.run(self._check)

    async def _check(self) -> None:
        async with open_carriers() as carriers:
            items: list[tuple[Any, ...]] = [(one,) for one in self.each]
            for item in items or [()]:
                for seed in (None, *range(self.seeds)):
                    await self._once(carriers, item, seed)

    async def _once(self, carriers: Carriers, item: tuple[Any, ...], seed: int | None) -> None:
        async def program(m: Machine, p: Process) -> None:
            await self.program(m, p, *item)
            reached.append(True)
            p.exit(0)  # as the end of a C program's main does, whoever still runs

        reached: list[bool] = []
        history = await run_in(carriers, program, seed=seed, **self.options)
        outcome = self.outcome.format(*item)
        reason = f"{self.id} with {item}, seed {seed}: {history.outcome}"
        assert history.outcome.name == outcome, reason
        assert reached or outcome != "ok", f"{reason}: did not come to its end"


class Table(list[Row]):
    """The rows of some interfaces."""

    def row(
        self,
        row: str,
        outcome: str = "ok",
        *,
        seeds: int = 6,
        each: Iterable[Any] = (),
        **options: Any,
    ) -> Callable[[Program], Program]:
        """Make the program below the row with this id. `each` gives it a third argument."""

        def add(program: Program) -> Program:
            self.append(Row(row, program, outcome, seeds, tuple(each), options))
            return program

        return add

    @property
    def ids(self) -> list[str]:
        return [row.id for row in self]


async def storm(m: Machine, p: Process, targets: list[Any], done: list[Any]) -> None:
    """The body of a thread: send SIGUSR1 to the targets until `done` holds something."""
    while not done:
        for target in targets:
            p.post("SIGUSR1", target)
        await m.yield_now()


async def forever(m: Machine) -> None:
    """The body of a thread that never waits and never ends."""
    while True:
        await m.yield_now()


async def idle(p: Process) -> None:
    """The body of a thread that waits for handlers, for ever."""
    while True:
        with pytest.raises(OSError):
            await p.pause()


async def elsewhere(p: Process, call: Callable[[], Awaitable[Any]]) -> Any:
    """What a call gives in a thread of its own."""
    found = []

    async def body() -> None:
        found.append(await call())

    await (await p.thr_new(body)).join()
    return found[0]


async def errno_of(awaitable: Awaitable[Any]) -> int | None:
    """The number of the error that the call must raise."""
    with pytest.raises(OSError) as wrong:
        await awaitable
    return wrong.value.errno


async def eintr(p: Process, awaitable: Awaitable[Any]) -> None:
    """The call must fail with EINTR."""
    assert await errno_of(awaitable) == p.kernel.errno("EINTR")


async def blocked(p: Process, *names: str) -> SigSet:
    """Block these signals; gives their set."""
    signals = p.kernel.sigset(*names)
    await p.sigprocmask("SIG_BLOCK", signals)
    return signals
