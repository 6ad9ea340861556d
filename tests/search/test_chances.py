"""How soon each strategy finds what is known to be there.

The expected chances come from another simulator that ran the same steps (its mean number of
schedules up to the first failure stands in each test), or from PCT's guarantee. Here a thread
takes a step to start and there it does not, which the tolerances allow for; seeds are fixed.
"""

from __future__ import annotations

from typing import Any

import pytest

from emu.engine.scenario import Scenario, setup
from emu.search.exploration import Exploration
from emu.search.explore import explore
from tests.search.tiny import calm, deadlock01, lazy01, reorder


async def explored(program: Scenario, strategy: str, runs: int, **params: Any) -> Exploration:
    return await explore(setup(program, params), strategy, runs=runs, seed=7, stop="budget")


def schedules_to_failure(exploration: Exploration) -> float:
    return exploration.runs / (exploration.runs - exploration.outcomes["ok"])


@pytest.mark.parametrize(
    ("program", "expected"), [(deadlock01, 2.7), (lazy01, 1.9)], ids=["deadlock01", "lazy01"]
)
async def test_the_random_walk_needs_as_many_schedules_as_the_reference(
    program: Scenario, expected: float
) -> None:
    found = await explored(program, "random", 1_500)

    assert schedules_to_failure(found) == pytest.approx(expected, rel=0.2)


async def test_the_random_walk_finds_the_tiny_window_of_reorder_3() -> None:
    found = await explored(reorder, "random", 6_000)

    assert schedules_to_failure(found) == pytest.approx(41, rel=0.25)


async def test_pct_1_keeps_its_guarantee_for_a_bug_of_order_alone() -> None:
    """lazy01 has n = 4 threads: a chance of at least 1 / n."""
    found = await explored(lazy01, "pct:1", 1_000)

    assert found.outcomes["assertion"] / found.runs >= 1 / 4


async def test_pct_2_keeps_its_guarantee_for_one_preemption() -> None:
    """deadlock01 has n = 3 threads and k steps: a chance of at least 1 / (n k)."""
    found = await explored(deadlock01, "pct:2", 2_000)

    longest = found.steps / found.runs + 4
    assert found.outcomes["deadlock"] / found.runs >= 1 / (3 * longest)


async def test_pct_2_keeps_its_guarantee_for_the_tiny_window() -> None:
    """reorder_3 has n = 4 threads and k steps: a chance of at least 1 / (n k)."""
    found = await explored(reorder, "pct:2", 4_000)

    longest = found.steps / found.runs + 4
    assert found.outcomes["assertion"] / found.runs >= 1 / (4 * longest)


async def test_pct_1_never_preempts() -> None:
    found = await explored(deadlock01, "pct:1", 500)

    assert found.outcomes == {"ok": 500}


async def test_bursts_find_the_deadlock_too() -> None:
    found = await explored(deadlock01, "bursts", 1_000)

    assert schedules_to_failure(found) < 20


@pytest.mark.parametrize("strategy", ["random", "pct:3", "bursts", "rotation"])
async def test_nothing_is_found_where_nothing_is_wrong(strategy: str) -> None:
    found = await explored(calm, strategy, 200)

    assert found.outcomes == {"ok": 200}
    assert found.findings == []
