"""`emu logs import strace`: the trace of a real process becomes a log."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Final

import click
import zstandard

from emu.analysis.strace.importing import Imported, import_trace, traces_of
from emu.cli import options, status, words
from emu.cli.output import print_json
from emu.cli.streams import note
from emu.engine.machine import EMU
from emu.errors import LogError, UsageError
from emu.record.log import log_bytes

SHOWN: Final = 10
"""How many lines that cannot be read are named to people."""


@click.command("strace")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@click.option(
    "-o",
    "out",
    required=True,
    metavar="OUT.jsonl",
    type=click.Path(path_type=Path),
    help="Where the log is to be written; compressed, if it ends in .zst.",
)
@options.json
def command(files: tuple[Path, ...], out: Path, *, as_json: bool) -> int:
    """Make a log of what strace wrote of a program: strace -f -ttt -o FILE COMMAND.

    Each FILE is a run of its own, but for files NAME.PID, which `strace -ff` wrote of the threads
    of one. With -T it is known how long calls took, and with -k where they were made.

    A lock that nobody waits for does not enter the kernel, and so is in no trace: locks are called
    by their addresses, and of who holds them it is said what the trace shows, and no more. They are
    held at least as long as the log says.
    """
    if out.resolve() in {file.resolve() for file in files}:
        raise UsageError(f"the log would overwrite the trace {out}")
    rows: list[dict[str, Any]] = []
    wrong: list[str] = []
    for trace in traces_of(files):
        try:
            made = import_trace(trace, EMU)
        except LogError as error:
            wrong.append(str(error))
            continue
        _write(made, out, first=not rows)
        rows.append(_row(trace, made))
        if not as_json:
            _say(rows[-1], made)
    if wrong and not rows:
        raise LogError("; ".join(wrong))
    for sentence in wrong:
        note(f"emu: {sentence}")
    if as_json:
        print_json({"log": str(out), "runs": rows, "unreadable": wrong})
    else:
        click.echo(f"log  {out}")
    return status.USAGE if wrong else status.MET


def _write(made: Imported, out: Path, *, first: bool) -> None:
    try:
        with out.open("wb" if first else "ab") as file:
            log = log_bytes(made.history)
            file.write(zstandard.compress(log) if out.suffix == ".zst" else log)
    except OSError as error:
        raise LogError(f"cannot write the log {out}: {error.strerror or error}") from None


def _row(trace: list[Path], made: Imported) -> dict[str, Any]:
    """A run as programs read it. Time is in ns."""
    history = made.history
    kinds = Counter(raw[0] for raw in history.raw)
    return {
        "files": list(map(str, trace)),
        "scenario": history.info.scenario,
        "outcome": history.outcome.name,
        "events": len(history.raw),
        "threads": kinds["thread.start"],
        "locks": len({raw[5] for raw in history.raw if raw[0].startswith("lock.")}),
        "waits": kinds["lock.wait"],
        "signals": kinds["signal.deliver"],
        "t": history.ending.t,
        "damaged": list(made.damage),
    }


def _say(row: dict[str, Any], made: Imported) -> None:
    """A run as people read it."""
    many = f" and {len(row['files']) - 1:,} more" if len(row["files"]) > 1 else ""
    click.echo(f"{row['files'][0]}{many}: {row['scenario']}: {row['outcome']}")
    events, threads = words.many(row["events"], "event"), words.many(row["threads"], "thread")
    waits, locks = words.many(row["waits"], "wait"), words.many(row["locks"], "lock")
    click.echo(
        f"  {events} of {threads} in {row['t'] / 1e9:.3f} s; {waits} for {locks}, "
        f"{words.many(row['signals'], 'signal')} handled"
    )
    for sentence in made.damage[:SHOWN]:
        note(f"emu: {sentence}")
    if len(made.damage) > SHOWN:
        more = len(made.damage) - SHOWN
        note(f"emu: {more:,} more lines of {row['files'][0]} cannot be read; --json names them all")
