"""Check: explore in a trio of its own, and raise what falsifies the expectation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from emu.analysis.message import WayBack, arguments_for, message
from emu.engine.scenario import ChaosPlan, Scenario, Setup, setup
from emu.engine.watchdog import limits_from
from emu.errors import Falsified, Mismatch, Undecided, UsageError
from emu.record.finding import Verdict
from emu.search.answer import NAME
from emu.search.edge import Halt, run_trio
from emu.search.exhaustive import exhaust
from emu.search.exploration import Exploration
from emu.search.explore import LANES, explore
from emu.search.shrink import QUICK_RUNS, Shrunk, shrink as simplify
from emu.search.strategies import DEFAULT, Named

RUNS = 1_000


def check(
    scenario: Scenario,
    *,
    runs: int | None = RUNS,
    seconds: float | None = None,
    seed: int = 0,
    strategy: Named = DEFAULT,
    bound: int | None = None,
    params: Mapping[str, Any] | None = None,
    chaos: ChaosPlan | None = None,
    watchdog: Mapping[str, Any] | None = None,
    lanes: int = LANES,
    shrink: bool = True,
) -> Exploration:
    """Explore `scenario` until its expectation is met or cannot be met any more.

    `strategy` is a name, the class of one of your own, or `exhaustive`, which `bound` is for.
    Raises `Falsified`, with the message of what may not be, when the expectation is not met,
    `Undecided` when limits left it open, and `UsageError` for what cannot be run. What may
    not be is shrunk first, unless `shrink` is False.
    """
    made = setup(scenario, params, chaos, limits_from(dict(watchdog or {})))
    arguments = arguments_for(params or {}, watchdog=watchdog)
    way = WayBack(_target(scenario), arguments)
    return check_setup(
        made,
        way,
        runs=runs,
        seconds=seconds,
        seed=seed,
        strategy=strategy,
        bound=bound,
        lanes=lanes,
        shrink=shrink,
    )


def check_setup(
    made: Setup,
    way: WayBack,
    *,
    runs: int | None = RUNS,
    seconds: float | None = None,
    seed: int = 0,
    strategy: Named = DEFAULT,
    bound: int | None = None,
    lanes: int = LANES,
    shrink: bool = True,
) -> Exploration:
    """As `check`, for a setup that is ready; `way` is the way back, as far as it is known."""
    if bound is not None and strategy != NAME:
        raise UsageError(f"check: bound is {bound}; it is for strategy {NAME!r} alone")

    async def main(halt: Halt) -> tuple[Exploration, Shrunk | None]:
        if strategy == NAME:
            explored = await exhaust(made, bound=bound, runs=runs, seconds=seconds, halt=halt)
        else:
            explored = await explore(
                made,
                strategy,
                runs=runs,
                seconds=seconds,
                seed=seed,
                lanes=lanes,
                stop="met",
                halt=halt,
            )
        return explored, await _simplest(explored, halt) if shrink else None

    explored, simplest = run_trio(main)
    if explored.interrupted:
        raise KeyboardInterrupt
    if explored.verdict is Verdict.UNKNOWN:
        why = explored.unknown or str(explored.answer or "no run has ended")
        raise Undecided(f"{made.scenario.name}: {why}")
    if explored.verdict is Verdict.NOT_MET:
        raise Falsified(_message(explored, simplest, replace(way, runs=runs or 0)), explored)
    return explored


async def _simplest(explored: Exploration, halt: Halt) -> Shrunk | None:
    """What may not be, shrunk; None where its own tape does not give it again."""
    if not explored.forbidden:
        return None
    found = explored.forbidden[0]
    try:
        return await simplify(
            explored.setup, found.tape, runs=QUICK_RUNS, signature=found.signature, halt=halt
        )
    except Mismatch:
        return None


def _message(explored: Exploration, simplest: Shrunk | None, way: WayBack) -> str:
    forbidden = explored.forbidden
    if not forbidden:
        return f"{explored.setup.scenario.name}: {explored.shortfall}"
    found = forbidden[0]
    way = replace(
        way,
        run=found.first_run + 1,
        strategy=found.strategy,
        seed=explored.seed,
        shrinking=None if simplest is None else simplest.in_words,
    )
    if simplest is None:
        return message(found.history, found.finding, way)
    return message(simplest.history, simplest.finding, way)


def _target(scenario: Scenario) -> str:
    """How the prompt calls it; a script that was run as `__main__` is a module of its name."""
    module, _, name = scenario.target.rpartition(":")
    if module == "__main__":
        module = Path(scenario.function.__code__.co_filename).stem
    return f"{module}:{name}"
