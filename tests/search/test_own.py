"""Strategies of the user's own: how they are named, and what is no strategy."""

from __future__ import annotations

import pytest

from emu.engine.scenario import setup
from emu.errors import UsageError
from emu.search.explore import explore
from emu.search.own import find_factory
from emu.search.strategies import parse_strategy
from tests.search import own_strategies
from tests.search.tiny import calm, deadlock01

HERE = "tests.search.own_strategies"


async def test_a_strategy_of_ones_own_is_named_by_its_module_and_class() -> None:
    explored = await explore(setup(deadlock01), f"{HERE}:Fifo", runs=50, stop="budget")
    assert explored.outcomes["deadlock"] > 0


async def test_the_class_itself_does_as_well_as_its_name() -> None:
    named = await explore(setup(deadlock01), f"{HERE}:Fifo", runs=20, stop="budget")
    given = await explore(setup(deadlock01), own_strategies.Fifo, runs=20, stop="budget")
    assert (given.strategy, given.steps) == (named.strategy, named.steps)


async def test_the_contract_alone_is_enough() -> None:
    explored = await explore(setup(calm), f"{HERE}:Plain", runs=3, stop="budget")
    assert explored.outcomes == {"ok": 3}


def test_a_name_that_emu_has_is_no_module() -> None:
    with pytest.raises(UsageError, match="strategy 'pct:x' has depth 'x'"):
        parse_strategy("pct:x")


WRONG = {
    "nowhere:Fifo": "strategy 'nowhere:Fifo': there is no module 'nowhere'",
    f"{HERE}:Fif": f"module '{HERE}' has no strategy 'Fif'; its strategies: Fifo, Plain, ",
    f"{HERE}:number": f"strategy '{HERE}:number' is 3; "
    "allowed is a class derived from emu.Strategy",
    f"{HERE}:NoStrategy": f"strategy '{HERE}:NoStrategy': class NoStrategy is no strategy: "
    "it lacks start(), thread(), alone(), …; derive it from emu.Strategy",
    f"{HERE}:_nothing": f"strategy '{HERE}:_nothing' is an `async def` function; "
    "allowed is a class",
}


@pytest.mark.parametrize(("target", "sentence"), WRONG.items())
def test_what_is_no_strategy_is_said_in_one_sentence(target: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_factory(target)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)
