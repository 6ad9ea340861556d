"""`emu replay`: follow a tape strictly, and say whether it gives the same history."""

from __future__ import annotations

from typing import Any

import click

from emu.cli import options, status
from emu.cli.chaosfile import as_typed, chaos_text
from emu.cli.one_run import Report, report
from emu.cli.outcome import show_run
from emu.cli.output import print_json
from emu.cli.prompt import complain
from emu.cli.server import asked, scenario
from emu.cli.target import Typed, aim, tape_for, typed_tape
from emu.errors import Mismatch
from emu.search.edge import Halt, run_trio
from emu.search.replay import replay


@click.command("replay")
@options.target
@click.argument("tape", required=False)
@options.setup
@options.log
@options.json
def command(
    target: str,
    tape: str | None,
    params: Typed,
    chaos: str | None,
    watchdog: Typed,
    log: str | None,
    level: str,
    *,
    as_json: bool,
) -> int:
    """Run TARGET as TAPE says.

    TARGET may also be a log or a finding that emu wrote, or a finding's address at a service,
    which is then fetched; TAPE is then the one in it. A TAPE of - is read from stdin.

    Exit status: 0 the same history, 1 another.
    """
    server = asked("log", "level", target=target)
    if server is not None:
        text = typed_tape(scenario(target), tape, "replay")
        with server.client() as client:
            row = client.replay(
                target, text, params=dict(params), watchdog=dict(watchdog), chaos=chaos_text(chaos)
            )
        row = as_typed(row, chaos)
        if row["same"]:
            show_run(row, as_json=as_json)
            return status.MET
        return _parted(row, as_json=as_json)
    wanted = tape_for(target, tape, "replay")
    aimed = aim(target, params, chaos, watchdog)

    async def main(halt: Halt) -> Report | Mismatch | None:
        try:
            history = await replay(aimed.setup, wanted)
        except Mismatch as wrong:
            return None if halt.requested else wrong
        return Report(aimed, history)

    made = run_trio(main)
    if made is None:
        return status.INTERRUPTED
    if isinstance(made, Mismatch):
        row = {
            "scenario": aimed.setup.scenario.target,
            "same": False,
            "reason": str(made),
            "tape": str(wanted),
        }
        return _parted(row, as_json=as_json)
    report(made, log or "", level, as_json=as_json, same=True)
    return status.MET


def _parted(row: dict[str, Any], *, as_json: bool) -> int:
    """Say that it is another history, and why; gives the exit status."""
    if as_json:
        print_json(row)
    complain(row["reason"])
    return status.NOT_MET
