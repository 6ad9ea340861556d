"""The figure `search`: schedules up to the first failure, over programs that others published.

For each program and strategy the mean over 20 seeds; a seed that finds nothing within the cap
counts as the cap, and the mean is marked `>`. Beside it stands the reference, measured by
another simulator on the same steps (1/p), and what others published for the original program.
Above all, over the programs of SCTBench: the geometric mean of the rotation, over that of the
best strategy of the reference for each program.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from math import exp, log
from pathlib import Path
from typing import Any

import trio

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from emu.engine.carrier import open_carriers
from emu.search.explore import explore
from tests.quality.reference import PROGRAMS, STRATEGIES, Program

SEEDS = 20
CAP = 10_000
HEAD = f"{'program':18}{'strategy':10}{'mean':>10}{'missed':>8}{'reference':>14}  published"
MISSES = 3
"""A pair of program and strategy that has missed so often is cut: it is hopeless."""


async def first_failures(program: Program, strategy: str, seeds: int, cap: int) -> list[int]:
    """For each seed the schedules up to the first failure, 0 if there was none within `cap`."""
    made = program.setup()
    needed: list[int] = []
    async with open_carriers() as carriers:
        for seed in range(seeds):
            if needed.count(0) >= MISSES:
                break
            found = await explore(made, strategy, runs=cap, seed=seed, carriers=carriers)
            needed.append(found.findings[0].first_run + 1 if found.findings else 0)
    return needed


def search(
    seeds: int = SEEDS, cap: int = CAP, say: Callable[[str], object] | None = None
) -> dict[str, Any]:
    """The figure: `ratio` of geometric means, and a row for each program and strategy.

    `say` is told the table, line by line, as it comes.
    """
    rows = []
    if say is not None:
        say(HEAD)
    for program in PROGRAMS:
        for strategy in ("rotation", *STRATEGIES):
            needed = trio.run(first_failures, program, strategy, seeds, cap)
            rows.append(_row(program, strategy, needed, cap))
            if say is not None:
                say(_line(rows[-1]))
    return {"ratio": _ratio(rows), "rows": rows}


def _row(program: Program, strategy: str, needed: list[int], cap: int) -> dict[str, Any]:
    return {
        "suite": program.suite,
        "program": program.name,
        "strategy": strategy,
        "mean": sum(number or cap for number in needed) / len(needed),
        "seeds": len(needed),
        "missed": needed.count(0),
        "reference": program.best if strategy == "rotation" else program.schedules[strategy],
        "published": program.published,
    }


def _ratio(rows: list[dict[str, Any]]) -> float:
    ours = [row for row in rows if row["strategy"] == "rotation" and row["suite"] == "sctbench"]
    return exp(sum(log(row["mean"] / row["reference"]) for row in ours) / len(ours))


def _line(row: dict[str, Any]) -> str:
    first = row["strategy"] == "rotation"
    mean = f"{'>' if row['missed'] else ''}{row['mean']:,.1f}"
    reference = f"{'best ' if first else ''}{row['reference']:,}".replace("-", ">")
    return (
        f"{row['program'] if first else '':18}{row['strategy']:10}{mean:>10}"
        f"{row['missed'] or '':>8}{reference:>14}  {row['published'] if first else ''}"
    ).rstrip()
