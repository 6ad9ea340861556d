"""`emu show`: the message of a finding, from what was saved of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click

from emu.analysis.message import WayBack, message
from emu.campaign.again import Again, run_again
from emu.campaign.catch import catch_at
from emu.campaign.export import trouble_text
from emu.campaign.ledger import view
from emu.campaign.opening import campaign_at
from emu.cli import options
from emu.cli.address import address_of
from emu.cli.output import print_json
from emu.cli.server import Server, asked
from emu.cli.target import import_from_here
from emu.errors import Mismatch, UsageError
from emu.record.history import History
from emu.record.reading import read_history
from emu.record.store import load_finding
from emu.search.edge import Halt, run_trio
from emu.search.exploration import findings_of

TITLE = "emu.Falsified: "


@click.command("show")
@click.argument("finding", metavar="FINDING")
@options.json
def command(finding: str, *, as_json: bool) -> None:
    """Print the message of FINDING: a log, a finding, or a directory with some in it.

    DIR#NUMBER is one that a campaign has found, as `emu findings DIR` numbers them; with --server
    it is ID#NUMBER, without it its address at a service will do. It is run again if the campaign
    has not told it yet.
    """
    path = Path(finding)
    directory, _, number = finding.rpartition("#")
    server = asked(target=finding)
    address = address_of(finding)
    if address is not None:
        server, directory, number = address.server, address.campaign, str(address.number)
    if server is not None or (number.isdecimal() and not path.exists()):
        paths = []
    elif path.is_dir():
        paths = sorted(path.rglob("finding*.json"))
        paths = paths or sorted(path.rglob("history*.jsonl"))
        if not paths:
            raise UsageError(f"{finding} has no finding in it, and no log")
    else:
        paths = [path]
    texts = [text for one in paths for text in _messages(one)]
    if server is not None:
        texts = [_at(server, directory, number)]
    elif not paths:
        texts = [_of_campaign(campaign_at(Path(directory)), int(number))]
    if as_json:
        print_json({"messages": texts})
    else:
        click.echo("\n\n".join(texts))


def _at(server: Server, campaign: str, number: str) -> str:
    """The message of a finding of a service's campaign."""
    if not campaign or not number.isdecimal():
        raise UsageError("with --server a FINDING is a campaign's, as ID#NUMBER")
    with server.client() as client:
        trouble = client.finding(campaign, int(number))["trouble"]
        return f"{'' if trouble else TITLE}{client.show(campaign, int(number))}"


def _of_campaign(path: Path, number: int) -> str:
    """The message of a finding of a campaign, or what is known of a trouble."""
    with closing(view(path)) as ledger:
        catch = catch_at(ledger, number)
    if catch.trouble:
        return trouble_text(catch)
    if catch.told is not None:
        return f"{TITLE}{catch.told.message}"
    import_from_here()

    async def main(_: Halt) -> Again | Mismatch:
        try:
            return await run_again(catch)
        except Mismatch as wrong:
            return wrong

    made = run_trio(main)
    if isinstance(made, Mismatch):
        raise made
    return f"{TITLE}{made.message()}"


def _messages(path: Path) -> Iterator[str]:
    if path.suffix == ".json":
        yield f"{TITLE}{load_finding(path).message}"
        return
    history = read_history(path)
    way = WayBack(target=str(path), log=str(path))
    found = findings_of(history)
    for one in found:
        yield f"{TITLE}{message(history, one, way)}"
    if not found:
        yield _nothing(history, way)


def _nothing(history: History, way: WayBack) -> str:
    return message(history, None, way)
