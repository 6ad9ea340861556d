"""Scenarios for the prompt to run, well-behaved and otherwise."""

from __future__ import annotations

from pathlib import Path

import trio

from emu.engine.machine import Machine
from emu.engine.scenario import scenario
from emu.posix.memory import Word
from emu.posix.mutex import Mutex

STARTED = "started"
"""A file that shows those outside that a scenario is running."""


def show_that_it_runs() -> None:
    Path(STARTED).touch()


@scenario(expect="deadlock")
async def inversion(m: Machine, *, fix: bool = False, title: str = "") -> None:
    """Two workers take two locks, in opposite orders unless that is fixed."""
    left, right = Mutex(m, "left"), Mutex(m, "right")

    async def worker(first: Mutex, second: Mutex) -> None:
        async with first:
            async with second:
                pass

    m.spawn(worker, left, right, name="T1")
    m.spawn(worker, *((left, right) if fix else (right, left)), name="T2")


@scenario(expect="deadlock")
async def long_inversion(m: Machine, *, name: str = "lock", rounds: int = 0) -> None:
    """The same, with locks of their own names, after each worker has used one for a while."""
    first, second = Mutex(m, f"{name} 1"), Mutex(m, f"{name} 2")

    async def worker(mine: Mutex, other: Mutex) -> None:
        for _ in range(rounds):
            async with mine:
                pass
        while True:
            async with mine, other:
                pass

    m.spawn(worker, first, second, name="T1")
    m.spawn(worker, second, first, name="T2")


@scenario()
async def told(m: Machine) -> None:
    """The second order is used once the first is seen to be over, so both are never there."""
    left, right, over = Mutex(m, "left"), Mutex(m, "right"), Word(m, "over")

    async def first() -> None:
        async with left, right:
            pass
        await over.store(1)

    async def second() -> None:
        while not await over.load():
            pass
        async with right, left:
            pass

    m.spawn(first, name="T1")
    m.spawn(second, name="T2")


@scenario(expect="deadlock")
async def marked_inversion(m: Machine) -> None:
    """The same, and those outside see that it runs."""
    show_that_it_runs()
    await inversion.function(m)


@scenario()
async def calm(m: Machine) -> None:
    """Ends well."""
    await m.checkpoint("work")


@scenario()
async def raises(m: Machine) -> None:
    """Raises an exception."""
    raise LookupError("no such row")


@scenario()
async def foreign(m: Machine) -> None:
    """Awaits something that is not emu's."""
    await trio.sleep(1)


@scenario()
async def forgets(m: Machine) -> None:
    """Forgets an `await`."""
    m.sleep(1)  # type: ignore[unused-coroutine]
    await m.checkpoint("work")


@scenario()
async def spins(m: Machine) -> None:
    """Never reaches a checkpoint."""
    show_that_it_runs()
    while True:
        pass


@scenario()
async def endless(m: Machine) -> None:
    """Reaches checkpoints for ever."""
    while True:
        await m.checkpoint("work")


@scenario()
async def marked_endless(m: Machine) -> None:
    """The same, and those outside see that it runs."""
    show_that_it_runs()
    await endless.function(m)


@scenario()
async def crowd(m: Machine) -> None:
    """Spawns 10,000 threads."""

    async def nothing() -> None:
        pass

    for _ in range(10_000):
        m.spawn(nothing)
