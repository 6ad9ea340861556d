"""`emu replay`: follow a tape strictly, and say whether it gives the same history."""

from __future__ import annotations

import click

from emu.cli import options, status
from emu.cli.one_run import Report, report
from emu.cli.output import print_json
from emu.cli.prompt import complain
from emu.cli.target import Typed, aim, tape_for
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

    TARGET may also be a log or a finding that emu wrote; TAPE is then the one in it. A TAPE of -
    is read from stdin.

    Exit status: 0 the same history, 1 another.
    """
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
        if as_json:
            print_json(
                {
                    "scenario": aimed.setup.scenario.target,
                    "same": False,
                    "reason": str(made),
                    "tape": str(wanted),
                }
            )
        complain(str(made))
        return status.NOT_MET
    report(made, log or "", level, as_json=as_json, same=True)
    return status.MET
