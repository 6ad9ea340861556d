"""The figures of log analysis: what `emu logs` costs beside the plainest scan of the same file.

A log of `SIZE` bytes is made of runs of the shipped plans' programs. Then `summary` and `locks`
are asked of it and of its pack, each in a process of its own, in turn with the plainest statement
that DuckDB needs to touch the same columns of the same file. `threads`, `predict` and `order`,
which look at event after event in Python, are asked of the log, beside the plainest statement
that touches every column; they have no aim. A ratio is the median of time over time, from opening
the database to the last row; memory is the most that a process ever had.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

import trio

from emu.analysis.tables.columns import BY_NAME
from emu.analysis.tables.pack import pack
from emu.campaign.catalogue import bundled
from emu.engine.scenario import setup
from emu.record.history import History
from emu.record.log import log_bytes
from emu.search.explore import explore

SIZE: Final = 1_000_000_000
ROUNDS: Final = 5
AT_ONCE: Final = 200
PROGRAMS: Final = ("fault_in_malloc_among", "signal_at_thread_start", "fault_in_gc", "philosophers")

AIMS: Final = {"log": 1.5, "pack": 2.0}

SUMMARY: Final = ("event", "scenario", "outcome", "signal", "injection", "steps", "t")
LOCKS: Final = (
    *("event", "scenario", "outcome", "object", "thread", "mode", "place", "step", "t", "depth"),
    *("waited", "contended"),
)
"""The columns of a log that the two verbs touch."""

PLAIN_SUMMARY: Final = (
    "SELECT event, scenario, outcome, signal, injection, count(*), sum(steps), sum(t) "
    "FROM {lines} GROUP BY ALL"
)
PLAIN_LOCKS: Final = (
    "SELECT object, scenario, count(event), max(outcome), max(thread), max(mode), max(place), "
    "sum(step), sum(t), sum(depth), sum(waited), count(contended) FROM {lines} GROUP BY ALL"
)
PLAIN_PACKED: Final = {
    "summary": "SELECT event, signal, injection, count(*) FROM "
    "read_parquet('{pack}/events/**/*.parquet', hive_partitioning = false) GROUP BY ALL",
    "locks": "SELECT scenario, object, count(*), max(thread), sum(depth), max(place), sum(step), "
    "sum(waited), count(contended), sum(held), max(run) FROM "
    "read_parquet('{pack}/holds/*.parquet') GROUP BY ALL",
}

PLAIN_EVERY: Final = "SELECT count(COLUMNS(*)) FROM {lines}"

ASK: Final = """
import sys, time
{imports}
import duckdb
began = time.perf_counter()
{ask}
print(time.perf_counter() - began)
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(peak.split()[1]) * 1024)
"""
OF_TABLES: Final = "emu.analysis.tables.tables Tables"
ASK_TABLES: Final = "with Tables([sys.argv[1]]) as tables: {verb}(tables)"

EACH: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "threads": (
        ("emu.analysis.tables.threads threads", OF_TABLES),
        "with Tables([sys.argv[1]]) as tables: tables.check(); threads(tables)",
    ),
    "predict": (
        ("emu.analysis.predict.prediction foresee", "emu.cli.logs.reading PASSED, Reader"),
        "foresee(Reader((sys.argv[1],), PASSED, whole=True))",
    ),
    "order": (
        ("emu.analysis.order lock_order", "emu.cli.logs.reading Reader"),
        "lock_order(Reader((sys.argv[1],), ()))",
    ),
}
"""The verbs that look at each event: what is imported of which modules, and how they are asked."""

SCAN: Final = """
import sys, time
import duckdb
began = time.perf_counter()
database = duckdb.connect()
database.execute("SET enable_progress_bar = false")
database.execute(sys.argv[1]).fetchall()
print(time.perf_counter() - began)
print(0)
"""


def make_log(path: Path, size: int = SIZE) -> int:
    """Write a log of at least so many bytes; gives how many runs it has."""
    programs = [setup(bundled()[name]) for name in PROGRAMS]
    count = 0
    with path.open("wb") as file:

        def write(_: int, history: History) -> None:
            nonlocal count
            count += 1
            file.write(log_bytes(history))

        seed = 0
        while file.tell() < size:
            for program in programs:
                trio.run(
                    partial(
                        explore, program, runs=AT_ONCE, stop="budget", on_history=write, seed=seed
                    )
                )
            seed += 1
    return count


def lines_of(log: Path, names: tuple[str, ...]) -> str:
    """The plainest relation of some columns of a log."""
    columns = [BY_NAME[name] for name in names]
    fields = ", ".join(f"'{column.field}': '{column.type}'" for column in columns)
    chosen = ", ".join(f'"{column.field}" AS {column.name}' for column in columns)
    return (
        f"(SELECT {chosen} FROM read_json('{log}', format = 'newline_delimited', "
        f"columns = {{{fields}}}, ignore_errors = true))"
    )


def in_process(code: str, *args: str) -> tuple[float, int]:
    """Run code in a process; gives the seconds and the bytes that it prints."""
    said = subprocess.run(
        [sys.executable, "-c", code, *args], stdout=subprocess.PIPE, text=True, check=True
    )
    seconds, memory = said.stdout.split()
    return float(seconds), int(memory)


def imported(what: str) -> str:
    """The statement that imports names of a module."""
    module, names = what.split(" ", 1)
    return f"from {module} import {names}"


def beside(code: str, path: Path, scan: str) -> tuple[float, float, int]:
    """Time over that of the plainest scan, and by itself, in the middle; and the most memory."""
    ratios, times, most = [], [], 0
    for _ in range(ROUNDS):
        bare, _ = in_process(SCAN, scan)
        ours, memory = in_process(code, str(path))
        most = max(most, memory)
        ratios.append(ours / bare)
        times.append(ours)
    return median(ratios), median(times), most


def logs() -> dict[str, Any]:
    """Two verbs of the log and of its pack, the others of the log."""
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as directory:
        log, packed = Path(directory, "log.jsonl"), Path(directory, "pack")
        figures["runs"] = make_log(log)
        made = pack([log], packed)
        figures |= {"events": made.events, "smaller": made.bytes_before / made.bytes_after}
        asked = []
        for source, path in (("log", log), ("pack", packed)):
            for verb, columns, plain in (
                ("summary", SUMMARY, PLAIN_SUMMARY),
                ("locks", LOCKS, PLAIN_LOCKS),
            ):
                scan = (
                    plain.format(lines=lines_of(log, columns))
                    if source == "log"
                    else PLAIN_PACKED[verb].format(pack=packed)
                )
                imports = (f"emu.analysis.tables.{verb} {verb}", OF_TABLES)
                ask = ASK_TABLES.format(verb=verb)
                asked.append((f"{verb}_of_{source}", (imports, ask), path, scan))
        every = PLAIN_EVERY.format(lines=lines_of(log, tuple(BY_NAME)))
        asked += [(f"{verb}_of_log", how, log, every) for verb, how in EACH.items()]
        peaks = []
        for name, (imports, ask), path, scan in asked:
            code = ASK.format(imports="\n".join(map(imported, imports)), ask=ask)
            figures[name], figures[f"{name}_s"], peak = beside(code, path, scan)
            peaks.append(peak)
    figures["memory_MB"] = max(peaks) / 1e6
    figures["ratio"] = max(
        figures[f"{verb}_of_{source}"] / aim
        for source, aim in AIMS.items()
        for verb in ("summary", "locks")
    )
    return figures


if __name__ == "__main__":
    print(json.dumps(logs(), indent=2))
