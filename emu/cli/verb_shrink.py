"""`emu shrink`: the simplest tape that finds what a tape finds."""

from __future__ import annotations

from typing import Any

import click

from emu.analysis.message import WayBack, message
from emu.cli import options, status
from emu.cli.chaosfile import as_typed, chaos_text
from emu.cli.outcome import TIMED
from emu.cli.output import print_json
from emu.cli.progress import Progress
from emu.cli.server import asked, scenario
from emu.cli.streams import note
from emu.cli.target import Aim, Typed, aim, tape_for, typed_tape
from emu.cli.words import runs as count
from emu.errors import EmuError
from emu.record.log import write_history
from emu.search.edge import Halt, run_trio
from emu.search.shrink import RUNS, Shrunk, shrink


@click.command("shrink")
@options.target
@click.argument("tape", required=False)
@click.option(
    "--runs",
    type=click.IntRange(min=1),
    default=RUNS,
    show_default=True,
    help="Stop after so many runs, with the simplest until then.",
)
@options.setup
@click.option("--log", metavar="FILE", help="Write the log of the simplest run to FILE.")
@options.json
def command(
    target: str,
    tape: str | None,
    runs: int,
    params: Typed,
    chaos: str | None,
    watchdog: Typed,
    log: str | None,
    *,
    as_json: bool,
) -> int:
    """Shrink TAPE: find the simplest tape with which TARGET shows the same finding.

    TARGET may also be a log or a finding that emu wrote, or a finding's address at a service,
    which is then fetched; TAPE is then the one in it. A TAPE of - is read from stdin.
    """
    server = asked("log", target=target)
    if server is not None:
        text = typed_tape(scenario(target), tape, "shrink")
        with server.client() as client:
            row = client.shrink(
                target,
                text,
                params=dict(params),
                watchdog=dict(watchdog),
                chaos=chaos_text(chaos),
                runs=runs,
            )
        return _tell(as_typed(row, chaos), as_json=as_json, here=False)
    wanted = tape_for(target, tape, "shrink")
    aimed = aim(target, params, chaos, watchdog)

    async def main(halt: Halt) -> tuple[Shrunk | EmuError, bool]:
        progress.begin(aimed.entry)
        try:
            made = await shrink(
                aimed.setup, wanted, runs=runs, on_trial=progress.shrinking, halt=halt
            )
        except EmuError as wrong:
            return wrong, halt.requested
        return made, halt.requested

    with Progress() as progress:
        made, interrupted = run_trio(main)
    if isinstance(made, EmuError):
        raise made
    if log:
        write_history(made.history, log)
    return _tell({**_row(aimed, made, log), "interrupted": interrupted}, as_json=as_json)


def _tell(row: dict[str, Any], *, as_json: bool, here: bool = True) -> int:
    """Print what came of it; gives the exit status."""
    if as_json:
        print_json(row)
    else:
        click.echo(row["message"])
    if not row["finished"]:
        note(f"emu: stopped after {count(row['runs'])}; there may be a simpler tape (--runs)")
    if row["interrupted"] and not here:
        note(f"emu: {TIMED}")
        return status.UNKNOWN
    return status.INTERRUPTED if row["interrupted"] else status.MET


def _message(aimed: Aim, made: Shrunk, log: str | None) -> str:
    way = WayBack(aimed.target, aimed.arguments, log=log or "", shrinking=made.in_words)
    return message(made.history, made.finding, way)


def _row(aimed: Aim, made: Shrunk, log: str | None) -> dict[str, Any]:
    return {
        "scenario": made.history.info.scenario,
        "params": made.history.info.params,
        "signature": made.finding.signature,
        "kind": made.finding.kind,
        "message": _message(aimed, made, log),
        "tape": str(made.tape),
        "original_tape": str(made.original),
        "deviations": len(made.tape),
        "original_deviations": len(made.original),
        "steps": made.history.steps,
        "runs": made.runs,
        "finished": made.finished,
        "passes": [
            {"name": one.name, "tried": one.tried, "runs": one.runs, "helped": one.helped}
            for one in made.passes
        ],
        "log": log or None,
    }
