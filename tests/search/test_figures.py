"""How soon the default rotation finds the classics: medians over twenty fixed seeds.

A random walk needs 16,384 schedules for the exact step, PCT of any small depth hundreds for
the philosophers. A rotation must be good at both.
"""

from __future__ import annotations

from statistics import median

import pytest

from emu.engine.machine import Machine
from emu.engine.scenario import Scenario, scenario, setup
from emu.scenarios.classics import (
    exact_step,
    lock_order_inversion,
    lost_update,
    philosophers,
)
from emu.search.explore import explore
from emu.search.replay import replay

SEEDS = range(20)


@scenario(expect="assertion")
async def blind(m: Machine) -> None:
    """As `exact_step`, but nothing says that the two threads have anything in common."""
    done = seen = 0

    async def mover() -> None:
        nonlocal done
        for _ in range(20):
            await m.checkpoint("step")
            done += 1

    async def looker() -> None:
        nonlocal seen
        await m.checkpoint("look")
        seen = done

    for thread in (m.spawn(mover), m.spawn(looker)):
        await thread.join()
    assert seen != 13


@pytest.mark.parametrize(
    ("program", "most"),
    [
        (lock_order_inversion, 3),
        (philosophers, 15),
        (lost_update, 2),
        (exact_step, 60),
        (blind, 60),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
async def test_the_rotation_finds_a_classic_soon(program: Scenario, most: int) -> None:
    needed = []
    for seed in SEEDS:
        explored = await explore(setup(program), runs=1_000, seed=seed)
        needed.append(explored.runs if explored.findings else 1_000)

    assert median(needed) <= most, needed


@pytest.mark.parametrize("strategy", ["pos", "urw", "surw", "rotation"])
@pytest.mark.parametrize(
    "program", [lock_order_inversion, philosophers, lost_update], ids=lambda p: p.name
)
async def test_what_a_strategy_finds_replays(program: Scenario, strategy: str) -> None:
    explored = await explore(setup(program), strategy, runs=100, seed=3)
    (found,) = explored.findings

    again = await replay(setup(program), found.tape)

    assert again.digest == found.history.digest
