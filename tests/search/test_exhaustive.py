"""Exhaustive search: how many schedules there are, and what it says of them."""

from __future__ import annotations

from math import comb
from typing import Any

import pytest

from emu.engine.machine import Machine
from emu.engine.scenario import Scenario, scenario, setup
from emu.engine.watchdog import Limits
from emu.errors import Mismatch, UsageError
from emu.posix.mutex import Mutex
from emu.record.finding import Verdict
from emu.scenarios.classics import (
    exact_step,
    handler_takes_lock,
    lock_order_inversion,
    lost_update,
    lost_wakeup,
    philosophers,
)
from emu.search.answer import BudgetSpent, Exhausted, Found
from emu.search.exhaustive import exhaust
from emu.search.exploration import Exploration
from emu.search.replay import replay


@scenario()
async def independent(m: Machine, *, n: int = 1, threads: int = 2, join: bool = False) -> None:
    """Threads whose steps have nothing to do with each other."""

    async def worker() -> None:
        for _ in range(n):
            await m.checkpoint("work", m.current.name)

    made = [m.spawn(worker) for _ in range(threads)]
    for thread in made if join else ():
        await thread.join()


@scenario()
async def lock_order_kept(m: Machine) -> None:
    """Two workers take two locks in the same order."""
    left, right = Mutex(m, "left"), Mutex(m, "right")

    async def worker() -> None:
        async with left:
            async with right:
                pass

    m.spawn(worker)
    m.spawn(worker)


@scenario(expect={"only": None})
async def sleeper(m: Machine) -> None:
    """A thread sleeps while another works."""

    async def sleeps() -> None:
        await m.sleep(1)

    m.spawn(sleeps)
    await m.checkpoint("work")
    await m.checkpoint("work")


async def every(program: Scenario, params: dict[str, Any] | None = None, **how: Any) -> Exploration:
    return await exhaust(setup(program, params), stop="budget", **how)


@pytest.mark.parametrize("join", [False, True])
@pytest.mark.parametrize("n", [1, 2, 3, 4])
async def test_without_reduction_two_threads_of_n_steps_have_2n_over_n_schedules(
    n: int, join: bool
) -> None:
    found = await every(independent, {"n": n, "join": join}, reduce=False)

    assert found.runs == comb(2 * n, n)


async def test_three_threads_of_two_steps_have_ninety_schedules() -> None:
    found = await every(independent, {"n": 2, "threads": 3}, reduce=False)

    assert found.runs == 90


@pytest.mark.parametrize(("n", "threads"), [(1, 2), (5, 2), (3, 4)])
async def test_with_reduction_independent_steps_have_one_schedule(n: int, threads: int) -> None:
    found = await every(independent, {"n": n, "threads": threads})

    assert found.runs == 1


@pytest.mark.parametrize(("increments", "orders"), [(1, 4), (2, 34), (3, 328)])
async def test_with_reduction_increments_have_as_many_schedules_as_orders(
    increments: int, orders: int
) -> None:
    found = await every(lost_update, {"increments": increments})

    assert (found.runs, found.redundant) == (orders, 0)


async def test_two_lock_orders_have_three_orders() -> None:
    found = await every(lock_order_inversion)

    assert found.outcomes == {"ok": 2, "deadlock": 1}


async def test_philosophers_have_one_deadlock_and_an_order_for_each_acyclic_orientation() -> None:
    found = await every(philosophers)

    assert found.outcomes == {"ok": 30, "deadlock": 1}


@pytest.mark.parametrize("reduce", [True, False])
async def test_one_preemption_finds_the_step_between_two_steps(reduce: bool) -> None:
    found = await every(exact_step, bound=1, reduce=reduce)

    assert found.outcomes["assertion"] >= 1


async def test_a_bound_of_one_finds_five_philosophers_within_a_thousand_runs() -> None:
    found = await exhaust(setup(philosophers), bound=1, stop="finding")

    assert isinstance(found.answer, Found)
    assert found.runs + found.redundant <= 1_000


async def test_without_a_bound_the_philosophers_are_found_within_a_thousand_runs() -> None:
    found = await exhaust(setup(philosophers), stop="finding")

    assert isinstance(found.answer, Found)
    assert found.runs + found.redundant <= 1_000


async def test_no_preemption_is_not_enough_for_the_philosophers() -> None:
    found = await every(philosophers, bound=0)

    assert found.answer == Exhausted(0)
    assert found.outcomes.keys() == {"ok"}


async def test_within_a_bound_every_schedule_up_to_it_is_run() -> None:
    # With at most one preemption: A first or B first, preempted before any of 3 steps or not,
    # where a preemption before the first step is the other thread's going first.
    found = await every(independent, {"n": 3}, bound=1, reduce=False)

    assert (found.runs, found.answer) == (6, Exhausted(1))


async def test_a_bound_that_leaves_nothing_out_says_so() -> None:
    found = await every(lost_update, {"increments": 1}, bound=50)

    assert found.answer == Exhausted(None)


async def test_a_search_whose_budget_ran_out_is_not_exhausted() -> None:
    found = await every(lost_update, runs=20)

    assert found.answer == BudgetSpent("20 runs")


async def test_a_budget_that_ran_out_leaves_the_verdict_unknown() -> None:
    found = await every(lock_order_kept, runs=1, reduce=False)

    assert found.verdict is Verdict.UNKNOWN


async def test_what_was_found_before_the_budget_ran_out_still_counts() -> None:
    found = await every(lost_update, runs=20)

    assert found.verdict is Verdict.MET


async def test_a_repaired_lock_order_is_exhausted_and_clean() -> None:
    found = await every(lock_order_kept)

    assert (found.answer, found.outcomes, found.verdict) == (
        Exhausted(None),
        {"ok": 2},
        Verdict.MET,
    )


async def test_runs_that_met_a_limit_are_not_exhausted() -> None:
    found = await exhaust(setup(exact_step, limits=Limits(steps=10)), stop="budget")

    assert isinstance(found.answer, BudgetSpent)


@pytest.mark.parametrize("reduce", [True, False])
async def test_a_signal_comes_at_every_step_there_is(reduce: bool) -> None:
    found = await every(handler_takes_lock, reduce=reduce)

    assert found.outcomes["deadlock"] == 6


async def test_a_wakeup_is_lost_or_comes_before_or_after_the_mutex_is_free() -> None:
    found = await every(lost_wakeup)

    assert found.outcomes == {"ok": 2, "stalled": 1}


async def test_a_timer_fires_early_only_at_a_cost() -> None:
    none, one = await every(sleeper, bound=0, reduce=False), await every(sleeper, bound=1)

    assert one.runs > none.runs


@pytest.mark.parametrize("how", [{}, {"bound": 2}, {"reduce": False}])
async def test_what_it_finds_can_be_replayed(how: dict[str, Any]) -> None:
    found = (await every(lost_update, **how)).findings[0]

    assert (await replay(setup(lost_update), found.tape)).digest == found.history.digest


async def test_equal_searches_make_equal_runs() -> None:
    one, two = await every(philosophers, bound=1), await every(philosophers, bound=1)

    assert (one.runs, one.steps, one.findings[0].tape) == (
        two.runs,
        two.steps,
        two.findings[0].tape,
    )


async def test_a_scenario_that_draws_elsewhere_is_told_so() -> None:
    draws = iter(range(1_000))

    @scenario()
    async def moody(m: Machine) -> None:
        async def worker(steps: int) -> None:
            for _ in range(steps):
                await m.checkpoint("work")

        m.spawn(worker, 3 - next(draws) % 3)
        m.spawn(worker, 3)

    with pytest.raises(Mismatch, match="does not repeat itself"):
        await every(moody)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"bound": -1}, "bound is -1; allowed is a whole number from 0 to 100"),
        ({"bound": 101}, "bound is 101"),
        ({"runs": 0}, "runs is 0"),
        ({"seconds": 0.0}, "seconds is 0.0"),
        ({"stop": "never"}, "stop is 'never'"),
    ],
)
async def test_what_makes_no_sense_is_said_in_a_sentence(how: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        await exhaust(setup(lost_update), **how)


@pytest.mark.parametrize("reduce", [True, False])
async def test_a_draw_may_have_many_options(reduce: bool) -> None:
    @scenario(expect={"only": None})
    async def draws(m: Machine) -> None:
        m.choose(300)
        m.choose(2)

    assert (await every(draws, reduce=reduce)).runs == 600
