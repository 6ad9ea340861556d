"""Runs of bundled scenarios to look at."""

from __future__ import annotations

from emu.campaign.catalogue import bundled
from emu.engine.scenario import setup
from emu.record.history import History
from emu.search.explore import explore


async def runs_of(name: str, runs: int, seed: int = 0) -> list[History]:
    """The first runs of an exploration of a bundled scenario, with its own chaos."""
    kept: list[History] = []

    def on_history(_: int, history: History) -> None:
        kept.append(history)

    made = setup(bundled()[name])
    await explore(made, runs=runs, stop="budget", on_history=on_history, seed=seed)
    return kept
