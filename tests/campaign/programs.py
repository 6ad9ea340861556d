"""Scenarios for plans to name."""

from __future__ import annotations

from typing import Literal

from emu.engine.machine import Machine
from emu.engine.scenario import scenario
from emu.posix.mutex import Mutex


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
