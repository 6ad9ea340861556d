"""Check: explore in a trio of its own, and raise what falsifies the expectation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emu.analysis.message import WayBack, arguments_for, message
from emu.engine.scenario import ChaosPlan, Scenario, setup
from emu.engine.watchdog import limits_from
from emu.errors import Falsified, Undecided
from emu.record.finding import Verdict
from emu.search.edge import Halt, run_trio
from emu.search.exploration import Exploration
from emu.search.explore import LANES, explore
from emu.search.strategies import DEFAULT

RUNS = 1_000


def check(
    scenario: Scenario,
    *,
    runs: int | None = RUNS,
    seconds: float | None = None,
    seed: int = 0,
    strategy: str = DEFAULT,
    params: Mapping[str, Any] | None = None,
    chaos: ChaosPlan | None = None,
    watchdog: Mapping[str, Any] | None = None,
    lanes: int = LANES,
) -> Exploration:
    """Explore `scenario` until its expectation is met or cannot be met any more.

    Raises `Falsified`, with the message of what may not be, when the expectation is not met,
    `Undecided` when limits left it open, and `UsageError` for what cannot be run.
    """
    made = setup(scenario, params, chaos, limits_from(dict(watchdog or {})))

    async def main(halt: Halt) -> Exploration:
        return await explore(
            made,
            strategy,
            runs=runs,
            seconds=seconds,
            seed=seed,
            lanes=lanes,
            stop="met",
            halt=halt,
        )

    explored = run_trio(main)
    if explored.interrupted:
        raise KeyboardInterrupt
    if explored.verdict is Verdict.UNKNOWN:
        raise Undecided(f"{scenario.name}: {explored.unknown or 'no run has ended'}")
    if explored.verdict is Verdict.NOT_MET:
        arguments = arguments_for(params or {}, watchdog=watchdog)
        raise Falsified(_message(explored, arguments, runs or 0), explored)
    return explored


def _message(explored: Exploration, arguments: tuple[str, ...], runs: int) -> str:
    forbidden = explored.forbidden
    if not forbidden:
        return f"{explored.setup.scenario.name}: {explored.shortfall}"
    found = forbidden[0]
    way = WayBack(
        target=_target(explored.setup.scenario),
        arguments=arguments,
        run=found.first_run + 1,
        runs=runs,
        strategy=found.strategy,
        seed=explored.seed,
    )
    return message(found.history, found.finding, way)


def _target(scenario: Scenario) -> str:
    """How the prompt calls it; a script that was run as `__main__` is a module of its name."""
    module, _, name = scenario.target.rpartition(":")
    if module == "__main__":
        module = Path(scenario.function.__code__.co_filename).stem
    return f"{module}:{name}"
