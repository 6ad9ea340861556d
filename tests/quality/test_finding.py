"""Every program is found by the default rotation, and by PCT as often as its paper promises."""

from __future__ import annotations

import inspect
import math

import pytest

from emu.engine.scenario import load
from emu.search.exploration import Exploration
from emu.search.explore import explore
from emu.search.replay import replay
from tests.quality.rates import rate
from tests.quality.reference import BY_NAME, PROGRAMS, Program

ALL = [pytest.param(program, id=program.name) for program in PROGRAMS]
POLLING = {("pbzip2", "surw"): 100}
"""Where every sixth run polls until its steps are used up, as in the reference, so few runs do."""

DEEP = ("bounded_buffer", "lazy_lock", "work_steal_queue", "reorder_20")
"""Programs that take more than one change of priority, or more runs than a test has."""


def stays_clean(explored: Exploration) -> bool:
    """Nothing is found, and most runs end: where threads poll, some strategies let them."""
    return not explored.findings and explored.outcomes["ok"] > explored.runs / 2


@pytest.mark.parametrize("program", ALL)
async def test_the_rotation_finds_a_program_within_ten_times_its_budget(program: Program) -> None:
    made = program.setup()
    found = await explore(made, runs=10 * program.budget, seed=3, stop="met")

    assert found.verdict.value == "met", found.outcomes


@pytest.mark.parametrize("program", ALL)
async def test_what_is_found_in_a_program_replays(program: Program) -> None:
    made = program.setup()
    found = (await explore(made, runs=10 * program.budget, seed=4)).findings[0]

    assert (await replay(made, found.tape)).digest == found.history.digest


@pytest.mark.parametrize("depth", [2, 3])
@pytest.mark.parametrize("name", [one.name for one in PROGRAMS if one.name not in DEEP])
async def test_pct_meets_the_bound_of_its_paper(name: str, depth: int) -> None:
    """A chance of at least 1 / (n k^(d-1)), but for what 200 runs may miss by three sigmas."""
    program, runs = BY_NAME[name], 200
    least = 1 / (program.threads * program.steps ** (depth - 1))
    measured = await rate(program, f"pct:{depth}", runs)

    error = math.sqrt(least * (1 - least) / runs)
    assert measured.failures / runs >= least - 3 * error


@pytest.mark.parametrize("strategy", ["rotation", "random"])
@pytest.mark.parametrize("program", ALL)
async def test_a_repaired_program_stays_clean(program: Program, strategy: str) -> None:
    found = await explore(program.setup(fixed=True), strategy, runs=60, seed=5, stop="budget")

    assert stays_clean(found)


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["rotation", "random", "pos", "surw"])
@pytest.mark.parametrize("program", ALL)
async def test_a_repaired_program_stays_clean_for_long(program: Program, strategy: str) -> None:
    runs = POLLING.get((program.name, strategy), 1_500)
    found = await explore(program.setup(fixed=True), strategy, runs=runs, seed=6, stop="budget")

    assert stays_clean(found)


@pytest.mark.parametrize("program", ALL)
def test_a_program_is_short(program: Program) -> None:
    assert len(inspect.getsource(load(program.scenario).function).splitlines()) < 60
