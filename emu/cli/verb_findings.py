"""`emu findings`: what a campaign has found, and how to hand it on."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import click

from emu.campaign.again import Again, run_again
from emu.campaign.catch import Catch, catches, grouped, numbered
from emu.campaign.export import check_free, export
from emu.campaign.ledger import view
from emu.campaign.opening import campaign_at
from emu.campaign.rows import catch_row, group_rows
from emu.cli import options, status
from emu.cli.listing import print_groups
from emu.cli.output import print_json
from emu.cli.prompt import complain
from emu.cli.server import Server, asked, command_of, replay_of
from emu.cli.streams import note
from emu.cli.target import import_from_here
from emu.errors import Mismatch, UsageError
from emu.search.edge import Halt, run_trio

LIST = "list"


class Findings(click.Group):
    """A group of `list` and `export`; what is neither is the directory to list."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        return super().resolve_command(ctx, args if args[0] in self.commands else [LIST, *args])


@click.group("findings", cls=Findings, context_settings={"ignore_unknown_options": True})
def command() -> None:
    """List what a campaign has found (`emu findings DIR`), or hand it on.

    DIR is a campaign's directory, such as runs/smoke/0001, or runs/smoke for its latest; with
    --server it is a campaign's id.
    """


@command.command(LIST)
@click.argument("directory", metavar="DIR")
@options.json
def list_findings(directory: str, *, as_json: bool) -> None:
    """List the findings of the campaign in DIR, those with one signature together.

    With each: its number, how many runs show it, of those entries that do; when it was seen
    first and last; how many deviations its simplest tape has; whether it is expected, allowed,
    or not. Runs without an answer come last, with their seeds and what is known of them.
    """
    server = asked()
    if server is None:
        where = str(campaign_at(Path(directory)))
        rows = list(map(catch_row, _catches(Path(where))))
    else:
        where = directory
        rows = _caught_at(server, where)
    found, troubles = (
        group_rows(row for row in rows if row["trouble"] is trouble) for trouble in (False, True)
    )
    if as_json:
        print_json({"directory": where, "findings": found, "troubles": troubles})
    else:
        print_groups(found, troubles, command_of(server, "show", where))
        if server is not None and found:
            click.echo(f"`{replay_of(server, where, found[0]['number'])}` replays it here")


@command.command("export")
@click.argument("directory", metavar="DIR")
@click.argument("out", metavar="OUT")
@click.argument("numbers", nargs=-1, type=int, metavar="[NUMBER]...")
def export_findings(directory: str, out: str, numbers: tuple[int, ...]) -> int:
    """Write findings of the campaign in DIR to a new directory OUT, for somebody else.

    By default one of each signature, the simplest. OUT has a plan with their entries, for each
    its message, its log and a finding to replay, and a README with the commands. Each is run
    again first; exit status 1 says that one does not replay.
    """
    if asked() is not None:
        raise UsageError("findings export runs them again, here; leave out --server")
    import_from_here()
    path, target = campaign_at(Path(directory)), Path(out)
    check_free(target)
    caught = _catches(path)
    if numbers:
        wanted = [numbered(caught, number, str(path)) for number in dict.fromkeys(numbers)]
    else:
        wanted = [one.simplest for one in grouped(caught)]
    if not wanted:
        raise UsageError(f"{path} has found nothing, so there is nothing to export")

    async def main(_: Halt) -> list[Again | Mismatch]:
        made: list[Again | Mismatch] = []
        for one in wanted:
            if not one.trouble:
                try:
                    made.append(await run_again(one))
                except Mismatch as wrong:
                    made.append(wrong)
        return made

    made = run_trio(main)
    found = [one for one in made if isinstance(one, Again)]
    troubles = [one for one in wanted if one.trouble]
    for wrong in made:
        if isinstance(wrong, Mismatch):
            complain(str(wrong))
    if not found and not troubles:
        note(f"emu: there is nothing to export, so there is no {target}")
        return status.NOT_MET
    modules = export(found, troubles, target)
    written = sorted([*(one.catch.number for one in found), *(one.number for one in troubles)])
    click.echo(f"{target}: {', '.join(f'#{number}' for number in written)}; see README.md there")
    for module in modules:
        note(f"emu: {module} goes with it, because a scenario is in it")
    return status.MET if len(found) == len(made) else status.NOT_MET


def _caught_at(server: Server, campaign: str) -> list[dict[str, Any]]:
    """What a campaign of a service has caught, in the order of its entries."""
    with server.client() as client:
        entries = [(one["plan"], one["entry"]) for one in client.status(campaign)["entries"]]
        rows = list(client.findings(campaign))
    at = {entry: number for number, entry in enumerate(entries)}
    return sorted(rows, key=lambda row: (at[row["plan"], row["entry"]], row["number"]))


def _catches(path: Path) -> list[Catch]:
    with closing(view(path)) as ledger:
        return catches(ledger)
