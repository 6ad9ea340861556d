"""Runs of scenarios to predict from."""

from __future__ import annotations

from emu.engine.scenario import Scenario, setup
from emu.record.history import History
from emu.search.explore import explore


async def runs_of(program: Scenario, runs: int = 200) -> list[History]:
    """Some runs of a random walk."""
    kept: list[History] = []

    def on_history(_: int, history: History) -> None:
        kept.append(history)

    await explore(setup(program), "random", runs=runs, stop="budget", on_history=on_history)
    return kept


async def passing(program: Scenario) -> list[History]:
    """Those of them that end well."""
    return [one for one in await runs_of(program) if one.outcome.name == "ok"]
