"""`emu logs timeline`: a run in columns, a thread each."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, astuple, fields
from typing import Any, Final

import click

from emu.analysis.bars import HOLD, WAIT, Bar
from emu.analysis.lanes import Lanes, lanes_of
from emu.analysis.levels import in_part
from emu.analysis.message import headline
from emu.analysis.picture import WIDTH
from emu.analysis.timeline import LEAST_ROWS, ROWS, timeline
from emu.analysis.window import Window, within
from emu.cli.logs import choosing, output
from emu.cli.output import print_json
from emu.cli.streams import note
from emu.errors import UsageError, did_you_mean
from emu.record.history import ALL, History

AROUND: Final = 20
"""How many steps before and after the one that is asked for are shown."""


_COLUMNS: Final = tuple(item.name for item in fields(Bar))


@click.command("timeline")
@click.argument("path", metavar="PATH")
@choosing.run
@click.option("--from", "first", type=click.IntRange(min=0), metavar="STEP", help="Begin here.")
@click.option("--to", "last", type=click.IntRange(min=0), metavar="STEP", help="End here.")
@click.option(
    "--around",
    type=click.IntRange(min=0),
    metavar="STEP",
    help=f"Show {AROUND} steps before and after this one.",
)
@click.option("--threads", metavar="A,B", help="Show these threads alone.")
@click.option(
    "--lock",
    "locks",
    multiple=True,
    metavar="NAME",
    help="Show what is done to this lock; may be given again.",
)
@click.option(
    "--rows",
    type=click.IntRange(min=LEAST_ROWS),
    metavar="N",
    help=f"Show at most so many lines [default: {ROWS}; all of a window of steps].",
)
@click.option("--width", type=click.IntRange(min=40), metavar="N", help="Be so wide at most.")
@output.formats
def command(
    path: str,
    number: int | None,
    first: int | None,
    last: int | None,
    around: int | None,
    threads: str | None,
    locks: tuple[str, ...],
    rows: int | None,
    width: int | None,
    *,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Draw a run of PATH: a column a thread, time downwards.

    Beside what a thread does stands what it is in by then: a lock that it holds, a wait, a
    handler. A run that is too long is folded, and what is left out is said. PATH#N is the run
    with this number; without one it is the first that found something. --json prints all that
    is drawn, and --csv what threads are in and for how long.
    """
    output.one_format(as_json=as_json, as_csv=as_csv)
    chosen = choosing.chosen(path, number)
    history = chosen.logged.history
    if history.level != ALL:
        note(f"emu: {in_part(1, 1)}")
    lanes = lanes_of(history)
    window = _window(lanes, first, last, around, threads, locks)
    part = within(history.events, lanes, window)
    if as_json:
        print_json(_row(chosen, window, part))
        return
    if as_csv:
        output.print_csv(_COLUMNS, [astuple(bar) for bar in part.bars])
        return
    if rows is None and (first, last, around) == (None, None, None):
        rows = ROWS
    finding = history.findings[0] if history.findings else None
    width = width or (shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH)
    involved = () if finding is None else finding.threads
    drawn = timeline(history.events, lanes, window, involved, width=width, rows=rows)
    click.echo(f"{chosen}: {headline(history, finding)}{_steps(window, lanes)}\n")
    click.echo("\n".join(drawn.lines))
    if drawn.left_out:
        click.echo("\n" + "\n".join(f"  {sentence}" for sentence in drawn.left_out))


def _window(
    lanes: Lanes,
    first: int | None,
    last: int | None,
    around: int | None,
    threads: str | None,
    locks: Sequence[str],
) -> Window:
    """The window that is asked for; raises `UsageError` for what is not in the run."""
    if around is not None and (first is not None or last is not None):
        raise UsageError("--around excludes --from and --to")
    for option, step in (("--from", first), ("--to", last), ("--around", around)):
        if step is not None and step > lanes.steps:
            raise UsageError(f"{option} {step}: the run has {lanes.steps:,} steps, from 0 on")
    if around is not None:
        first, last = max(0, around - AROUND), around + AROUND
    first, last = first or 0, lanes.steps if last is None else last
    if first > last:
        raise UsageError(f"--from {first} is after --to {last}")
    wanted = () if threads is None else tuple(name.strip() for name in threads.split(","))
    _known("thread", wanted, [lane.name for lane in lanes.threads])
    of_locks = (bar.name for bar in lanes.bars if bar.kind in (HOLD, WAIT))
    _known("lock", locks, list(dict.fromkeys(of_locks)))
    return Window(first, min(last, lanes.steps), wanted, tuple(locks))


def _known(what: str, wanted: Sequence[str], known: Sequence[str]) -> None:
    for name in wanted:
        if name not in known:
            some = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
            hint = did_you_mean(name, known) or f"; it has {some or 'none'}"
            raise UsageError(f"the run has no {what} {name!r}{hint}")


def _steps(window: Window, lanes: Lanes) -> str:
    if (window.first, window.last) == (0, lanes.steps):
        return f" ({lanes.steps:,} step{'' if lanes.steps == 1 else 's'})"
    return f" (steps {window.first:,} to {window.last:,} of {lanes.steps:,})"


def _row(chosen: choosing.Chosen, window: Window, lanes: Lanes) -> dict[str, Any]:
    history: History = chosen.logged.history
    return {
        "log": chosen.logged.path,
        "line": chosen.logged.line,
        "run": chosen.number,
        "scenario": history.info.scenario,
        "params": history.info.params,
        "outcome": history.outcome.name,
        "window": asdict(window),
        **asdict(lanes),
    }
