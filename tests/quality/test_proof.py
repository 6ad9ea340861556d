"""What exhaustive search says of the programs: how many preemptions, and that repairs hold."""

from __future__ import annotations

import pytest

from emu.record.finding import Expectation
from emu.search.answer import Exhausted, Found
from emu.search.exhaustive import exhaust
from tests.quality.reference import BY_NAME, PROGRAMS

CLEAN = Expectation(only=("ok",))

ENDLESS = ("moby28462",)
"""Programs with so many schedules without a preemption, by polling, that these hide the rest."""

BOUNDED = [one for one in PROGRAMS if one.preemptions is not None and one.name not in ENDLESS]

SMALL = (
    *("deadlock01", "lazy01", "token_ring", "aget", "cockroach10214", "cockroach16167"),
    *("etcd6857", "etcd6873", "serving2137", "grpc2371", "kubernetes81091", "istio8967"),
)
"""Programs whose every order is run in a moment once they are repaired."""

LARGER = {"wronglock": 1, "circular_buffer": 1, "lazy_lock": 2, "cockroach1462": 1, "moby27782": 1}
"""Programs that are exhausted, repaired, within the bound that shows the bug."""

LONG = {"reorder_5": 1, "work_steal_queue": 2, "moby33781": 0}
"""The same, but they take more than a second or two."""


@pytest.mark.parametrize("name", [one.name for one in BOUNDED])
async def test_a_bug_is_found_within_as_many_preemptions_as_the_reference_needs(name: str) -> None:
    program = BY_NAME[name]
    explored = await exhaust(program.setup(), bound=program.preemptions, runs=5_000)

    assert isinstance(explored.answer, Found)


@pytest.mark.parametrize("name", [one.name for one in BOUNDED if one.preemptions])
async def test_a_bug_is_not_there_with_a_preemption_less(name: str) -> None:
    program = BY_NAME[name]
    assert program.preemptions is not None
    explored = await exhaust(program.setup(), bound=program.preemptions - 1, runs=5_000)

    assert isinstance(explored.answer, Exhausted)
    assert explored.findings == []


async def test_what_needs_two_preemptions_is_found_without_a_bound() -> None:
    # Depth first, it is not among the first 1,100 runs.
    explored = await exhaust(BY_NAME["work_steal_queue"].setup(), runs=1_000)

    assert isinstance(explored.answer, Found)


@pytest.mark.parametrize("name", SMALL)
async def test_a_repaired_program_is_clean_in_every_order(name: str) -> None:
    made = BY_NAME[name].setup(fixed=True)
    explored = await exhaust(made, expectation=CLEAN, runs=20_000)

    assert isinstance(explored.answer, Exhausted)
    assert explored.answer.bound is None
    assert set(explored.outcomes) == {"ok"}


async def clean_within(name: str, bound: int) -> None:
    made = BY_NAME[name].setup(fixed=True)
    explored = await exhaust(made, bound=bound, expectation=CLEAN, runs=20_000)

    assert isinstance(explored.answer, Exhausted)
    assert set(explored.outcomes) == {"ok"}


@pytest.mark.parametrize(("name", "bound"), LARGER.items())
async def test_a_repaired_program_is_clean_within_its_bound(name: str, bound: int) -> None:
    await clean_within(name, bound)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "bound"), LONG.items())
async def test_a_larger_repaired_program_is_clean_within_its_bound(name: str, bound: int) -> None:
    await clean_within(name, bound)
