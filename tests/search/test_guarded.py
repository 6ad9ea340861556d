"""A strategy of the user's own that goes wrong: which method, at which step, what is allowed."""

from __future__ import annotations

import pytest

from emu.engine.scenario import setup
from emu.engine.watchdog import Limits
from emu.errors import StrategyError
from emu.search.edge import run_trio
from emu.search.exploration import Exploration
from emu.search.explore import explore, run_once
from tests.search.tiny import calm, deadlock01

HERE = "tests.search.own_strategies"
OPTIONS = "allowed is a whole number from 0 to 1"

WRONG = {
    "Answers": f"thread() at step 2 answered 7; {OPTIONS}",
    "Nothing": f"thread() at step 2 answered None; {OPTIONS}",
    "Text": f"thread() at step 2 answered 'a'; {OPTIONS}",
    "Fraction": f"thread() at step 2 answered 1.5; {OPTIONS}",
    "Truth": f"thread() at step 2 answered True; {OPTIONS}",
    "Negative": f"thread() at step 2 answered -1; {OPTIONS}",
    "Raises": "thread() at step 2 raised KeyError: 'x' at own_strategies.py:",
    "Exits": "thread() at step 2 raised SystemExit at own_strategies.py:",
    "NeedsMore": "the constructor raised TypeError: NeedsMore.__init__() takes 2 positional",
    "Unmade": "its __init__() must call super().__init__(seed, calibration)",
    "Unstarted": "its start() must call super().start(machine)",
    "Awaited": "thread() at step 2 is to be awaited; allowed is a plain function",
    "Restless": "thread() at step 2 left quiet_until None; allowed is a whole number",
    "Nosy": "thread() at step 3 asked the machine for a choice of its own",
    "Busy": "thread() at step 2 changed which threads can run; it may only choose",
}


@pytest.mark.parametrize(("name", "sentence"), WRONG.items())
async def test_a_strategys_mistake_is_one_sentence(name: str, sentence: str) -> None:
    with pytest.raises(StrategyError) as caught:
        await run_once(setup(deadlock01), f"{HERE}:{name}")
    text = str(caught.value)
    assert text.startswith(f"strategy {HERE}:{name}: {sentence}")
    assert "\n" not in text


async def test_a_wrong_measure_is_seen_by_an_exploration() -> None:
    with pytest.raises(StrategyError, match=r"measure\(\) at step \d+ answered \d+; allowed is a "):
        await explore(setup(calm), f"{HERE}:Unmeasured", runs=1)


async def test_what_a_factory_makes_is_looked_at() -> None:
    with pytest.raises(StrategyError, match="makes_a_number made 5: it lacks start"):
        await run_once(setup(calm), f"{HERE}:makes_a_number")


@pytest.mark.parametrize("lanes", [1, 7, 32])
async def test_what_was_found_before_is_kept_however_many_machines_run(lanes: int) -> None:
    with pytest.raises(StrategyError, match="raised LookupError: no such turn") as caught:
        await explore(
            setup(deadlock01), f"{HERE}:Late", runs=500, stop="budget", seed=3, lanes=lanes
        )
    explored = caught.value.exploration
    assert isinstance(explored, Exploration)
    assert (explored.runs, explored.outcomes) == (4, {"deadlock": 3, "ok": 1})
    assert explored.broken is caught.value


@pytest.mark.parametrize("name", ["Hangs", "HangsAtTheStart"])
def test_a_strategy_that_never_answers_is_ended_by_real_time(name: str) -> None:
    made = setup(calm, limits=Limits(real=250_000_000))
    with pytest.raises(StrategyError, match=r"gave no answer within 250ms of real time .* ran at "):
        run_trio(lambda _: run_once(made, f"{HERE}:{name}"))
