"""PCT runs the thread of highest priority, and asks to be asked as rarely as can be."""

from __future__ import annotations

from itertools import pairwise

import pytest

from emu.engine.carrier import open_carriers
from emu.engine.clock import NEVER
from emu.engine.machine import Machine
from emu.engine.scenario import setup
from emu.record.history import History
from emu.search.calibration import Calibration, Measure
from emu.search.explore import run_once
from emu.search.pct import Pct
from tests.search.tiny import calm, polling

KNOWN = Calibration((Measure(60),))


async def run(strategy: Pct) -> History:
    async with open_carriers() as carriers:
        return await Machine(setup(calm), strategy, carriers).run()


def test_a_run_without_one_before_has_no_change_points() -> None:
    assert Pct(1, Calibration(), depth=5).quiet_until == NEVER


def test_change_points_are_distinct_and_within_the_horizon() -> None:
    for seed in range(50):
        points = Pct(seed, KNOWN, depth=6)._changes
        assert len(set(points)) == 5
        assert all(1 <= point <= 60 for point in points)


def test_before_the_next_change_point_nobody_needs_to_ask() -> None:
    strategy = Pct(1, KNOWN, depth=3)

    assert strategy.quiet_until == min(strategy._changes)


async def test_between_change_points_a_thread_runs_until_it_ends() -> None:
    history = await run(Pct(3, Calibration(), depth=1))

    order = [event.thread for event in history.events if event.event == "note"]
    switches = sum(1 for one, other in pairwise(order) if one != other)
    assert switches == 2


async def test_each_change_point_costs_at_most_one_switch_more() -> None:
    for seed in range(50):
        history = await run(Pct(seed, KNOWN, depth=3))
        order = [event.thread for event in history.events if event.event == "note"]
        assert sum(1 for one, other in pairwise(order) if one != other) <= 2 + 2


@pytest.mark.parametrize("seed", range(20))
async def test_a_thread_that_polls_does_not_starve_the_one_it_polls_for(seed: int) -> None:
    history = await run_once(setup(polling), "pct:1", seed)

    assert history.outcome.name == "ok"
    assert history.steps < 20
