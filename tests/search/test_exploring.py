"""Explorations: budgets, when they stop, and that lanes change nothing."""

from __future__ import annotations

import gc
from typing import Any

import pytest
import trio

from emu.engine.carrier import open_carriers
from emu.engine.scenario import Scenario, setup
from emu.errors import UsageError
from emu.record.finding import Expectation, Verdict
from emu.record.history import History
from emu.scenarios.classics import handler_takes_lock
from emu.search.edge import Halt
from emu.search.exploration import Exploration
from emu.search.explore import explore
from emu.search.strategies import ROTATION
from tests.search.tiny import calm, deadlock01, impatient, lazy01, reorder


def everything(exploration: Exploration) -> tuple[Any, ...]:
    """All that two equal explorations have in common."""
    found = [
        (one.signature, one.count, one.first_run, one.seed, one.strategy, str(one.tape))
        for one in exploration.findings
    ]
    figures = (exploration.runs, exploration.steps, exploration.outcomes, exploration.by_strategy)
    return *figures, list(exploration.outcomes), found, exploration.verdict


PROGRAMS = [lazy01, impatient, reorder, handler_takes_lock]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
@pytest.mark.parametrize("stop", ["finding", "budget"])
async def test_one_lane_and_thirty_two_give_the_same(program: Scenario, stop: Any) -> None:
    one = await explore(setup(program), runs=150, seed=5, lanes=1, stop=stop)
    many = await explore(setup(program), runs=150, seed=5, lanes=32, stop=stop)

    assert everything(one) == everything(many)


@pytest.mark.parametrize("strategy", ["pos", "urw", "surw"])
async def test_lanes_change_nothing_for_strategies_that_count(strategy: str) -> None:
    one = await explore(setup(reorder), strategy, runs=150, seed=5, lanes=1, stop="budget")
    many = await explore(setup(reorder), strategy, runs=150, seed=5, lanes=32, stop="budget")

    assert everything(one) == everything(many)


async def test_another_seed_gives_another_exploration() -> None:
    one = await explore(setup(lazy01), runs=50, seed=1, stop="budget")
    other = await explore(setup(lazy01), runs=50, seed=2, stop="budget")

    assert everything(one) != everything(other)


async def test_an_exploration_ends_with_its_first_finding() -> None:
    exploration = await explore(setup(reorder), "random", runs=1_000, seed=3)

    (found,) = exploration.findings
    assert found.first_run == exploration.runs - 1
    assert exploration.outcomes == {"ok": exploration.runs - 1, "assertion": 1}


async def test_an_exploration_ends_when_what_must_turn_up_has_turned_up() -> None:
    wanted = Expectation(some=("ok", "assertion"))
    exploration = await explore(setup(lazy01), runs=1_000, stop="met", expectation=wanted)

    assert exploration.verdict is Verdict.MET
    assert exploration.runs < 50


async def test_an_exploration_ends_when_what_may_not_turn_up_has_turned_up() -> None:
    wanted = Expectation(only=("ok",))
    exploration = await explore(setup(lazy01), runs=1_000, stop="met", expectation=wanted)

    assert exploration.verdict is Verdict.NOT_MET
    assert exploration.runs < 50


async def test_where_only_some_outcomes_may_turn_up_every_run_counts() -> None:
    wanted = Expectation(some=("ok",), only=("ok", "assertion"))
    exploration = await explore(setup(lazy01), runs=60, stop="met", expectation=wanted)

    assert exploration.verdict is Verdict.MET
    assert exploration.runs == 60


async def test_the_rotation_tells_what_each_strategy_did() -> None:
    exploration = await explore(setup(lazy01), runs=60, stop="budget")

    assert list(exploration.by_strategy) == list(ROTATION)
    assert sum(share.runs for share in exploration.by_strategy.values()) == 60
    (found,) = exploration.findings
    assert exploration.by_strategy[found.strategy].first[found.signature] == found.first_run


async def test_a_finding_is_counted_once_for_every_run_that_shows_it() -> None:
    exploration = await explore(setup(lazy01), "random", runs=100, stop="budget")

    assert exploration.findings[0].count == exploration.outcomes["assertion"] > 20


async def test_a_budget_of_seconds_ends_it() -> None:
    exploration = await explore(setup(calm), seconds=0.05, stop="budget")

    assert exploration.runs > 0
    assert not exploration.interrupted


async def test_it_is_told_after_every_run_in_order() -> None:
    told: list[int] = []
    await explore(
        setup(calm), runs=40, stop="budget", on_run=lambda so_far: told.append(so_far.runs)
    )

    assert told == list(range(1, 41))


async def test_a_halt_keeps_what_was_found() -> None:
    halt = Halt()

    def after(so_far: Exploration) -> None:
        if so_far.runs == 25:
            halt.call()

    exploration = await explore(setup(lazy01), runs=100_000, stop="budget", on_run=after, halt=halt)

    assert exploration.interrupted
    assert 25 <= exploration.runs < 1_000
    assert exploration.findings


async def test_who_cancels_it_still_has_what_was_found() -> None:
    kept: list[Exploration] = []
    with trio.CancelScope() as scope:

        def after(so_far: Exploration) -> None:
            kept[:] = [so_far]
            if so_far.runs == 25:
                scope.cancel()

        await explore(setup(lazy01), runs=100_000, stop="budget", on_run=after)

    assert scope.cancelled_caught
    assert 25 <= kept[0].runs < 1_000
    assert kept[0].findings


async def test_a_pool_of_carriers_outlives_an_exploration_that_was_cancelled() -> None:
    async with open_carriers() as carriers:
        with trio.CancelScope() as scope:
            await explore(
                setup(deadlock01),
                runs=100_000,
                stop="budget",
                on_run=lambda so_far: scope.cancel(),
                carriers=carriers,
            )
        again = await explore(setup(deadlock01), runs=50, stop="budget", carriers=carriers)

    assert again.runs == 50


async def test_an_error_of_the_callback_comes_out_as_it_is() -> None:
    def after(_: Exploration) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await explore(setup(calm), runs=100, on_run=after)


async def test_histories_without_a_finding_are_dropped() -> None:
    exploration = await explore(setup(calm), runs=300, stop="budget")
    gc.collect()

    assert exploration.runs == 300
    kept = [one for one in gc.get_objects() if isinstance(one, History)]
    assert not [one for one in kept if one.info.scenario == calm.target]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({}, "explore: no budget; give runs, seconds or both"),
        ({"runs": 0}, "explore: runs is 0; allowed is a whole number from 1"),
        ({"seconds": 0}, "explore: seconds is 0; allowed is a number above 0"),
        ({"runs": 1, "lanes": 0}, "explore: lanes is 0; allowed is a whole number from 1"),
        (
            {"runs": 1, "stop": "soon"},
            "explore: stop is 'soon'; allowed is one of finding, met, saturated, budget",
        ),
    ],
)
async def test_a_budget_that_is_none_is_refused(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        await explore(setup(calm), **wrong)

    assert str(caught.value) == sentence
