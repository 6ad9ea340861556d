"""Scenarios for plans to name."""

from __future__ import annotations

import os
from itertools import repeat
from pathlib import Path
from typing import Literal

import zstandard

from emu.chaos.plan import Fault, Plan
from emu.engine.checkpoint import checkpoint
from emu.engine.machine import Machine
from emu.engine.scenario import scenario
from emu.posix.action import Action
from emu.posix.frame import Context
from emu.posix.mutex import Mutex
from emu.posix.process import Process
from emu.posix.siginfo import SigInfo


@scenario(expect="deadlock")
async def inversion(m: Machine, *, fix: bool = False, rounds: int = 1) -> None:
    """Two workers take two locks, in opposite orders unless that is fixed."""
    left, right = Mutex(m, "left"), Mutex(m, "right")

    async def worker(first: Mutex, second: Mutex) -> None:
        for _ in range(rounds):
            async with first:
                async with second:
                    pass

    m.spawn(worker, left, right, name="T1")
    m.spawn(worker, *((left, right) if fix else (right, left)), name="T2")


@scenario()
async def calm(m: Machine, *, mode: Literal["slow", "fast"] = "slow") -> None:
    """Nothing happens."""
    await m.checkpoint("work")


@scenario()
async def endless(m: Machine) -> None:
    """Never ends by itself."""
    while True:
        await m.checkpoint("work")


@scenario()
async def unwelcome(m: Machine) -> None:
    """Deadlocks, although it may not."""
    await inversion.function(m)


def one_in(m: Machine, options: int) -> bool:
    """Whether this run is one of the few."""
    return m.choose(options) == options - 1


@scenario()
async def leaves(m: Machine) -> None:
    """Now and then ends the process that emulates it."""
    await m.checkpoint("work")
    if one_in(m, 40):
        os._exit(7)


@scenario()
async def hoards(m: Machine) -> None:
    """Now and then takes all memory there is."""
    await m.checkpoint("work")
    if one_in(m, 40):
        hoard: list[bytes] = []
        while True:
            hoard.append(bytes(1 << 24))


@scenario()
async def sulks(m: Machine) -> None:
    """Now and then never comes back to Python."""
    await m.checkpoint("work")
    if one_in(m, 40):
        sum(repeat(0))  # with the interpreter's lock held


@scenario()
async def spins(m: Machine) -> None:
    """Now and then never reaches a checkpoint."""
    await m.checkpoint("work")
    while one_in(m, 40):
        for _ in iter(int, 1):
            pass


@scenario()
async def prints(m: Machine) -> None:
    """Says what no worker may take for an answer."""
    print("not an answer", flush=True)  # noqa: T201
    os.write(1, b"nor is this")
    await m.checkpoint("work")


def runs_in(logs: Path) -> list[int]:
    """How many runs each file of a directory of logs holds."""
    return [
        zstandard.decompress(path.read_bytes()).count(b'{"event":"run"')
        for path in sorted(logs.iterdir())
    ]


@scenario(chaos=Plan((Fault("segv-low", at="work"),)))
async def faulty(m: Machine, *, elsewhere: bool = False) -> None:
    """A fault's handler takes a lock, which is held where faults come, or elsewhere."""
    process, lock = Process(m), Mutex(m, "lock")

    async def handler(info: SigInfo, context: Context) -> None:
        async with lock:
            pass

    await process.sigaction(process.kernel.number("SIGSEGV"), Action(handler))
    with m.region("work"):
        await checkpoint("read")
        await checkpoint("write")
    with m.region("other" if elsewhere else "work"):
        async with lock:
            await checkpoint("write")
