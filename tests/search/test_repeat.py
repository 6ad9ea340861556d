"""A strategy must be a function of its seed, and a scenario of its machine."""

from __future__ import annotations

import itertools

import pytest

from emu.engine.machine import Machine
from emu.engine.scenario import scenario, setup
from emu.errors import Mismatch, StrategyError
from emu.search.exploration import Exploration
from emu.search.explore import explore
from emu.search.replay import replay
from tests.search.own_strategies import Counts
from tests.search.tiny import calm, deadlock01

HERE = "tests.search.own_strategies"


draws = itertools.count()


@scenario()
async def wobbly(m: Machine) -> None:
    """Depends on what was run before."""
    await calm.function(m)
    for _ in range(next(draws)):
        await m.checkpoint("draw")


async def test_a_strategy_that_counts_its_runs_is_not_deterministic() -> None:
    sentence = r"Counts is not deterministic: run 1 was made twice with seed \d+, and the two "
    with pytest.raises(StrategyError, match=sentence):
        await explore(setup(deadlock01), f"{HERE}:Counts", runs=9, lanes=1)


async def test_what_it_found_stays_and_replays() -> None:
    made = setup(deadlock01)
    Counts.made = 0
    with pytest.raises(StrategyError) as caught:
        await explore(made, Counts, runs=9, lanes=1)
    assert isinstance(caught.value.exploration, Exploration)
    (found,) = caught.value.exploration.findings
    assert (await replay(made, found.tape)).outcome.name == "deadlock"


async def test_a_scenario_that_depends_on_earlier_runs_is_not_the_strategys_fault() -> None:
    with pytest.raises(Mismatch, match="wobbly does not repeat itself: run "):
        await explore(setup(wobbly), f"{HERE}:Fifo", runs=50, stop="budget")
