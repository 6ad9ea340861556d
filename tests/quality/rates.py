"""How many schedules a strategy needs up to the first failure, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass

from emu.engine.carrier import open_carriers
from emu.engine.machine import Machine
from emu.engine.scenario import Setup
from emu.search.calibration import Calibration, Measure
from emu.search.draw import seed_of_run
from emu.search.explore import explore
from emu.search.strategies import parse_strategy
from tests.quality.reference import Program

SIGMAS = 3.6
"""How many standard errors chance explains, over a table of more than a hundred pairs."""

REFERENCE_FAILURES = 500
"""From so many failing runs the numbers of the reference come, the rare ones from fewer."""


@dataclass(frozen=True)
class Rate:
    """How many of so many runs failed."""

    runs: int
    failures: int

    @property
    def schedules(self) -> float:
        """Mean schedules up to the first failure."""
        return self.runs / self.failures if self.failures else math.inf

    def deviation(self, reference: float) -> float:
        """By how many standard errors this differs from the reference, on a logarithmic scale.

        Both sides are estimates, and the reference is rounded to its last digit as well.
        """
        chance, known = 1 / self.schedules, 1 / reference
        rounding = (0.05 if reference < 10 else 0.5) / reference / math.sqrt(3)
        variance = (1 - chance) / max(self.failures, 1) + (1 - known) / REFERENCE_FAILURES
        error = math.sqrt(variance + rounding**2)
        return math.log(self.schedules / reference) / error if self.failures else math.inf


async def rate(program: Program, strategy: str, runs: int, seed: int = 1) -> Rate:
    """The rate of failures. PCT is given the reference's k, as the reference was."""
    made = program.setup()
    if strategy.startswith("pct:"):
        return await _with_horizon(made, strategy, runs, seed, program.steps)
    found = await explore(made, strategy, runs=runs, seed=seed, stop="budget")
    passed = found.outcomes.get("ok", 0) + found.outcomes.get("unknown", 0)
    return Rate(runs, runs - passed)


async def _with_horizon(made: Setup, strategy: str, runs: int, seed: int, horizon: int) -> Rate:
    recipe = parse_strategy(strategy)
    known = Calibration((Measure(horizon),))
    failures = 0
    async with open_carriers() as carriers:
        for run in range(runs):
            chooser = recipe.make(0, seed_of_run(seed, run), known)
            history = await Machine(made, chooser, carriers, strategy=strategy).run()
            failures += history.outcome.name not in ("ok", "unknown")
    return Rate(runs, failures)
