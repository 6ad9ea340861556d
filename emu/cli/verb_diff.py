"""`emu diff`: where two runs of one program part, and why it matters."""

from __future__ import annotations

import click

from emu.analysis.message import replay_command
from emu.analysis.parting import part
from emu.analysis.sidebyside import Side, side_by_side
from emu.cli import options
from emu.cli.output import print_json
from emu.cli.parted import parted
from emu.cli.server import asked
from emu.cli.target import Aim, Typed, aim, tape_for
from emu.errors import EmuError, UsageError
from emu.record.history import History
from emu.record.tape import parse_tape
from emu.search.edge import Halt, run_trio
from emu.search.exploration import findings_of
from emu.search.nearest import nearest_passing
from emu.search.replay import replay


@click.command("diff")
@options.target
@click.argument("tape", required=False)
@click.argument("other", metavar="[TAPE]", required=False)
@options.setup
@options.json
def command(
    target: str,
    tape: str | None,
    other: str | None,
    params: Typed,
    chaos: str | None,
    watchdog: Typed,
    *,
    as_json: bool,
) -> None:
    """Show where two runs of TARGET part, and what comes of it.

    With one TAPE, which finds something, the other run is the nearest one that passes.
    TARGET may also be a log or a finding that emu wrote, or a finding's address at a service,
    which is then fetched; the first TAPE is then the one in it.
    """
    asked(target=target)
    first = tape_for(target, tape, "diff")
    second = parse_tape(other) if other else None
    aimed = aim(target, params, chaos, watchdog)

    async def main(_: Halt) -> tuple[History, History] | EmuError:
        try:
            history = await replay(aimed.setup, first)
            if second is not None:
                return history, await replay(aimed.setup, second)
            if not findings_of(history):
                return UsageError(
                    f"the run of tape {first} ends with outcome {history.outcome.name!r} and "
                    f"finds nothing; give another tape to compare it with"
                )
            passing = await nearest_passing(aimed.setup, first)
        except EmuError as wrong:
            return wrong
        if passing is None:
            return UsageError(
                f"no passing run is near to tape {first}; give another tape to compare it with"
            )
        return history, passing

    made = run_trio(main)
    if isinstance(made, EmuError):
        raise made
    names = ("the failing run", "the passing run") if second is None else ("run 1", "run 2")
    left, right = (Side(*pair) for pair in zip(names, made, strict=True))
    parting = part(left.history, right.history)
    text = "\n".join([*side_by_side(left, right, parting), *_ways(aimed, left, right)])
    if as_json:
        print_json(parted(left, right, parting, text))
    else:
        click.echo(text)


def _ways(aimed: Aim, left: Side, right: Side) -> list[str]:
    return [
        "",
        *(
            f"  replay  {replay_command(aimed.target, str(side.history.tape), aimed.arguments)}"
            for side in (left, right)
        ),
    ]
