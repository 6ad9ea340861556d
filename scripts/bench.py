"""The figures of `scripts/bench`. Each is a ratio whose two sides are measured in turn.

handover      checkpoints/s of a uniform random walk (4 threads, 64 machines side by
              side, histories kept) over those of a bare trio.lowlevel.checkpoint() loop
quiet         the same under PCT of depth 3
events        as handover, but every step is a load of a shared word, an event of its own
log           events/s written at level `all` over those of a bare structlog + orjson loop
many_threads  cost of a checkpoint with 1,000 threads over that with 4 (random walk)
memory        resident size after 20,000 schedules over that after 2,000
exhaustive    schedules/s of exhaustive search, with a reduction and without
schedules     schedules/s of small programs, with trio's checkpoints/s beside them
search        schedules up to the first failure, by strategy: only when named; see bench_search
shrink        every finding of the shipped plans, shrunk: only when named; see bench_shrink
soak          runs/s of a campaign, two workers over one: only when named; see bench_soak
soak_memory   resident size of a campaign after 1,000,000 runs over that after 50,000: the same
logs          `emu logs` of 1 GB over the plainest scan, a share of what is aimed at: the same
serve         what 50 watchers cost a campaign, and a page of 10,000 findings, likewise: the same
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import orjson
import structlog
import trio

from emu.engine.carrier import open_carriers
from emu.engine.machine import Machine
from emu.engine.scenario import Scenario, scenario, setup
from emu.engine.watchdog import Limits
from emu.posix.memory import Word
from emu.record.history import History
from emu.record.log import write_history
from emu.record.row import row_of
from emu.scenarios.classics import lock_order_inversion, lost_update, philosophers
from emu.search.calibration import Calibration
from emu.search.exhaustive import exhaust
from emu.search.explore import explore
from emu.search.strategies import parse_strategy

sys.path.insert(0, str(Path(__file__).resolve().parent))

import bench_logs
import bench_search
import bench_service
import bench_shrink
import bench_soak

ROUNDS = 5
TARGETS = {
    "handover": (">=", 0.8),
    "quiet": (">=", 3.0),
    "log": (">=", 0.7),
    "many_threads": ("<=", 1.5),
    "memory": ("<=", 1.05),
    "search": ("<=", 3.0),
    "soak": (">=", 1.85),
    "soak_memory": ("<=", 1.05),
    "logs": ("<=", 1.0),
    "serve": ("<=", 1.0),
}
HIDDEN = ("ratio", "rows", "entries")
"""What a line does not show among its other figures."""

ENDLESS = Limits(steps=1 << 60)


@scenario()
async def steps(m: Machine, *, threads: int = 4, each: int = 1000) -> None:
    """Threads that do nothing but pass checkpoints."""

    async def worker() -> None:
        for _ in range(each):
            await m.checkpoint("step")

    for _ in range(threads):
        m.spawn(worker)


@scenario()
async def loads(m: Machine, *, threads: int = 4, each: int = 1000) -> None:
    """Threads that read a shared word."""
    word = Word(m, "word")

    async def worker() -> None:
        for _ in range(each):
            await word.load()

    for _ in range(threads):
        m.spawn(worker)


async def trio_rate(checkpoints: int = 200_000) -> float:
    """Checkpoints/s of a bare trio loop."""
    begun = perf_counter()
    for _ in range(checkpoints):
        await trio.lowlevel.checkpoint()
    return checkpoints / (perf_counter() - begun)


async def machine_rate(
    program: Scenario, strategy: str, *, threads: int = 4, each: int = 1000, machines: int = 64
) -> float:
    """Steps/s of `machines` machines side by side, every history kept until the end.

    As in an exploration, an earlier run, which is not timed, has been measured.
    """
    recipe = parse_strategy(strategy)
    made = setup(program, {"threads": threads, "each": each}, limits=ENDLESS)
    kept: list[History] = []
    calibration = Calibration()

    async def run(seed: int) -> None:
        chooser = recipe.make(0, seed, calibration)
        kept.append(await Machine(made, chooser, carriers, seed=seed).run())

    async with open_carriers() as carriers:
        chooser = recipe.make(0, 0, calibration)
        first = await Machine(made, chooser, carriers).run()
        calibration = Calibration((chooser.measure(first.steps),))
        begun = perf_counter()
        async with trio.open_nursery() as nursery:
            for seed in range(machines):
                nursery.start_soon(run, seed)
        seconds = perf_counter() - begun
    assert all(history.outcome.name == "ok" for history in kept)
    return machines * threads * each / seconds


def over_trio(program: Scenario, strategy: str) -> dict[str, float]:
    """A machine's rate over trio's, by the median of rounds taken in turn."""
    rounds = []
    for _ in range(ROUNDS):
        base = trio.run(trio_rate)
        rounds.append((trio.run(machine_rate, program, strategy), base))
        gc.collect()
    return {
        "ratio": median(rate / base for rate, base in rounds),
        "per_second": median(rate for rate, _ in rounds),
        "trio_per_second": median(base for _, base in rounds),
    }


def many_threads() -> dict[str, float]:
    """What a checkpoint costs among 1,000 threads over what it costs among 4."""
    rounds = []
    for _ in range(ROUNDS):
        few = trio.run(lambda: machine_rate(steps, "random", each=100_000, machines=1))
        many = trio.run(lambda: machine_rate(steps, "random", threads=1000, each=400, machines=1))
        rounds.append(few / many)
        gc.collect()
    return {"ratio": median(rounds)}


def log_rate() -> dict[str, float]:
    """Events/s of a log at level `all` over those of a bare structlog + orjson loop."""
    history = trio.run(_one_history)
    rows = [row_of(raw) for raw in history.raw]
    rounds = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.jsonl")
        for _ in range(ROUNDS):
            begun = perf_counter()
            _bare(rows, path)
            bare = len(rows) / (perf_counter() - begun)
            begun = perf_counter()
            write_history(history, path, level="all")
            rounds.append((len(rows) / (perf_counter() - begun), bare))
    return {
        "ratio": median(rate / bare for rate, bare in rounds),
        "per_second": median(rate for rate, _ in rounds),
        "bare_per_second": median(bare for _, bare in rounds),
    }


async def _one_history() -> History:
    chooser = parse_strategy("random").make(0, 1, Calibration())
    async with open_carriers() as carriers:
        made = setup(loads, {"each": 10_000}, limits=ENDLESS)
        return await Machine(made, chooser, carriers).run()


def _bare(rows: list[dict[str, Any]], path: Path) -> None:
    """Nothing but structlog and orjson: eight fields an event, one write each."""
    with path.open("wb") as file:
        log = structlog.wrap_logger(
            structlog.BytesLogger(file),
            processors=[structlog.processors.JSONRenderer(serializer=orjson.dumps)],
            wrapper_class=structlog.make_filtering_bound_logger(0),
            cache_logger_on_first_use=True,
        ).bind()
        for row in rows:
            log.info(
                row["event"],
                step=row["step"],
                t=row["t"],
                thread=row["thread"],
                depth=row["depth"],
                object=row["object"],
                at=row["at"],
                region=row["region"],
            )


def memory() -> dict[str, float]:
    """Resident size after 20,000 schedules over that after 2,000, in a process of its own."""
    code = f"import runpy; runpy.run_path({__file__!r})['print_memory']()"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    early, late = (int(word) for word in printed.stdout.split())
    return {"ratio": late / early, "early_kib": early, "late_kib": late}


def print_memory() -> None:
    """Prints both resident sizes, in KiB."""
    sizes = []
    for runs in (2_000, 18_000):
        trio.run(lambda runs=runs: explore(setup(philosophers), runs=runs, stop="budget"))
        sizes.append(_resident())
    print(*sizes)


def _resident() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise SystemExit("bench: no VmRSS in /proc/self/status; the memory figure needs Linux")


def schedules() -> dict[str, float]:
    """Schedules/s of two small programs under a random walk, and trio's checkpoints/s."""
    figures = {}
    for program in (lock_order_inversion, philosophers):
        exploration = trio.run(
            lambda program=program: explore(setup(program), "random", runs=4000, stop="budget")
        )
        figures[program.name] = exploration.runs / exploration.seconds
    return {**figures, "trio_per_second": trio.run(trio_rate)}


def exhaustive() -> dict[str, float]:
    """Schedules/s of exhaustive search, every order or every schedule, and how many there are."""
    figures = {}
    for program, params in ((lock_order_inversion, {}), (lost_update, {"increments": 3})):
        for reduce in (True, False):
            made = setup(program, params)
            search = partial(exhaust, made, reduce=reduce, stop="budget")
            rounds = [trio.run(search) for _ in range(ROUNDS)]
            name = f"{program.name}{'' if reduce else ' unreduced'}"
            figures[name] = median(found.runs / found.seconds for found in rounds)
            figures[f"{name} in all"] = rounds[0].runs
    return figures


FIGURES: dict[str, Callable[[], dict[str, Any]]] = {
    "handover": lambda: over_trio(steps, "random"),
    "quiet": lambda: over_trio(steps, "pct:3"),
    "events": lambda: over_trio(loads, "random"),
    "log": log_rate,
    "many_threads": many_threads,
    "memory": memory,
    "schedules": schedules,
    "exhaustive": exhaustive,
    "soak": bench_soak.workers,
    "soak_memory": bench_soak.soak_memory,
    "logs": bench_logs.logs,
    "serve": bench_service.serve,
}
TABLES: dict[str, Callable[..., dict[str, Any]]] = {
    "search": bench_search.search,
    "shrink": bench_shrink.shrinking,
}
"""Figures that say a table as it comes."""

SLOW = ("soak", "soak_memory", "logs", "serve", *TABLES)
"""Figures that are taken only when they are named."""


def main() -> None:
    """Take the figures named, or all that are not slow; exit status 1 if one breaks a promise."""
    known = [*FIGURES, *TABLES]
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.split("\n")[0])
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=", ".join(known))
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    unknown = [name for name in asked.figures if name not in known]
    if unknown:
        parser.error(f"there is no figure {unknown[0]!r}; there are {', '.join(known)}")
    results = {}
    for name in asked.figures or [name for name in known if name not in SLOW]:
        if name in TABLES:
            results[name] = TABLES[name](say=None if asked.json else _say)
        else:
            results[name] = FIGURES[name]()
        if not asked.json:
            print(_line(name, results[name]), flush=True)
    if asked.json:
        print(json.dumps(results))
    sys.exit(1 if any(figures.get("broken") for figures in results.values()) else 0)


def _say(line: str) -> None:
    print(line, flush=True)


def _line(name: str, figures: dict[str, Any]) -> str:
    shown = {key: value for key, value in figures.items() if key not in HIDDEN}
    others = ", ".join(
        f"{key} {value:,.2f}" if abs(value) < 100 and value != int(value) else f"{key} {value:,.0f}"
        for key, value in shown.items()
    )
    if "ratio" not in figures:
        return f"{name:13}        {others}"
    sign, target = TARGETS.get(name, ("", 0))
    wanted = f"(aim {sign} {target})" if sign else ""
    return f"{name:13} {figures['ratio']:6.2f} {wanted:13} {others}"


if __name__ == "__main__":
    main()
