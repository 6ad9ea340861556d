"""URW as the reference has it: weighted by a thread's own steps, whomever it will start.

On the same steps it needs as many schedules then. emu's own URW follows the paper, where a
thread's children count for it; that this is the difference is what these tests show.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emu.engine.carrier import open_carriers
from emu.engine.machine import Machine
from emu.engine.scenario import Scenario, setup
from emu.engine.thread import Thread
from emu.scenarios.sctbench import deadlock01, reorder, token_ring, wronglock
from emu.search.calibration import Calibration, Measure
from emu.search.counted import Counted
from emu.search.draw import seed_of_run
from emu.search.urw import UniformWalk


class OwnSteps(UniformWalk):
    """Counts what a thread does itself, and nothing else."""

    def spawned(self, parent: Thread, child: Thread) -> None:
        Counted.spawned(self, parent, child)
        self.born(child)

    def measure(self, steps: int) -> Measure:
        measure = super().measure(steps)
        return replace(measure, threads=tuple(replace(one, parent="") for one in measure.threads))


async def failures(program: Scenario, runs: int, **params: Any) -> int:
    made = setup(program, params)
    measures: list[Measure] = []
    count = 0
    async with open_carriers() as carriers:
        for run in range(runs):
            calibration = Calibration(tuple(measures))
            chooser = OwnSteps(seed_of_run(2, run), calibration)
            history = await Machine(made, chooser, carriers).run()
            count += history.outcome.name != "ok"
            if len(measures) < 16:
                measures.append(chooser.measure(history.steps))
    return count


@pytest.mark.parametrize(
    ("program", "expected", "runs"),
    [(deadlock01, 2.8, 600), (token_ring, 14, 2_000), (wronglock, 3.9, 600), (reorder, 24, 2_500)],
    ids=lambda value: getattr(value, "name", ""),
)
async def test_by_own_steps_urw_needs_as_many_schedules_as_the_reference(
    program: Scenario, expected: float, runs: int
) -> None:
    """Within three standard errors of the count, about 100 to 250 failures."""
    count = await failures(program, runs)

    chance = 1 / expected
    assert abs(count - runs * chance) <= 3 * (runs * chance * (1 - chance)) ** 0.5
