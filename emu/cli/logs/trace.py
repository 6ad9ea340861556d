"""`emu logs trace`: runs for trace viewers."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from typing import IO, Final

import click

from emu.analysis.levels import in_part
from emu.analysis.trace_export import UNIT, trace_rows
from emu.cli.logs import choosing
from emu.cli.output import STDOUT
from emu.cli.streams import note
from emu.cli.words import runs as some_runs
from emu.errors import UsageError
from emu.record.history import ALL
from emu.record.line import render
from emu.record.logs import SUFFIXES
from emu.record.store import draft_of

SUFFIX: Final = ".trace.json"
"""How a trace is called that nobody gave a name."""


@click.command("trace")
@click.argument("path", metavar="PATH")
@click.option(
    "-o",
    "--output",
    "output",
    metavar="FILE",
    help="Write to FILE, compressed if it ends in .gz; - is stdout "
    "[default: the name of PATH with .trace.json].",
)
@choosing.run
def command(path: str, output: str | None, number: int | None) -> None:
    """Write the runs of PATH as a trace for Perfetto or chrome://tracing.

    Each run is a process, each thread has a track with what it holds, waits for and handles;
    arrows lead from an unlock to the waiter that it freed and from a signal to its delivery.
    PATH#N is one run alone.
    """
    path, number = choosing.split(path, number)
    found: Iterable[choosing.Chosen]
    if number is None:
        every = choosing.whole_runs(path)
        found = chain([next(every)], every)  # where there is none, nothing is written
    else:
        found = [choosing.chosen(path, number)]
    output = output or (Path(path).resolve().name.partition(".")[0] or "run") + SUFFIX
    _spare_logs(path, output)
    runs, rows = _written(found, output)
    where = "stdout" if output == STDOUT else output
    note(f"emu: {some_runs(runs)}, {rows:,} trace events, written to {where}")


def _spare_logs(path: str, output: str) -> None:
    """Refuse to write a trace over a log."""
    log, file = Path(path), Path(output)
    same = log.exists() and file.exists() and file.samefile(log)
    if same or output.endswith(SUFFIXES):
        raise UsageError(f"-o {output} is the name of a log; a trace goes to a file of its own")


def _written(found: Iterable[choosing.Chosen], output: str) -> tuple[int, int]:
    """Write a trace to a file; gives how many runs and trace events there are."""
    if output == STDOUT:
        return _write(found, sys.stdout.buffer.write)
    path = Path(output)
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            return _write(found, file.write)
    try:
        with draft_of(path) as draft, draft.open("wb") as file:
            return _packed(found, file) if output.endswith(".gz") else _write(found, file.write)
    except OSError as wrong:
        raise UsageError(f"{output}: {wrong.strerror or wrong}") from None


def _packed(found: Iterable[choosing.Chosen], file: IO[bytes]) -> tuple[int, int]:
    with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:  # equal runs, equal bytes
        return _write(found, packed.write)


def _write(found: Iterable[choosing.Chosen], write: Callable[[bytes], object]) -> tuple[int, int]:
    runs = rows = parts = 0
    write(f'{{"displayTimeUnit":"{UNIT}","traceEvents":['.encode())
    for one in found:
        runs += 1
        parts += one.logged.history.level != ALL
        for row in trace_rows(one.logged.history, one.number):
            write((b",\n" if rows else b"\n") + render(row).rstrip())
            rows += 1
    write(b"\n]}\n")
    if parts:
        note(f"emu: {in_part(parts, runs)}")
    return runs, rows
