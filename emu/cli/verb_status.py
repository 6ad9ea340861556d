"""`emu status`: how a campaign gets on, or what became of it, from another terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console

from emu.campaign.glance import overview_from
from emu.campaign.opening import campaign_at
from emu.campaign.overview import Overview, look
from emu.cli import options, status
from emu.cli.monitor import PLAIN
from emu.cli.output import print_json
from emu.cli.screen import Screen, has_screen
from emu.cli.server import Server, asked, command_of
from emu.cli.table import WIDTH
from emu.cli.view import View, line
from emu.errors import UsageError
from emu.record.finding import VERDICTS

EVERY = 1.0
"""Seconds between two pictures: the ledger has news about as often."""

WAITING: Final = "waiting"
"""What a campaign does, at a service, before it is its turn."""

NOT_RESUMED: Final = (WAITING, "stopped", "first finding")
"""The states in which a service has no use for being asked to go on with it."""

Ask = Callable[[], dict[str, Any]]


@click.command("status")
@click.argument("directory", metavar="DIR")
@click.option("--watch", "watches", is_flag=True, help="Go on showing it until it ends.")
@options.json
def command(directory: str, *, watches: bool, as_json: bool) -> int:
    """Show how the campaign in DIR gets on, or what became of it.

    DIR is a campaign's directory, such as runs/smoke/0001, or runs/smoke for its latest; with
    --server it is a campaign's id. Nothing in it is changed; another process may be at work on it.

    Exit status: 0 every expectation is met, 1 one is not, 3 one is unknown, or not met yet.
    """
    if watches and as_json:
        raise UsageError("--watch is for people; allowed with --json is one look")
    server = asked()
    with _campaign(server, directory) as ask:
        if as_json:
            row = ask()
            print_json(row)
            return status.OF_VERDICT[VERDICTS[row["met"]]]
        seen = _watch(ask) if watches else overview_from(ask())
    _print(seen)
    if seen.resumable and (server is None or seen.state not in NOT_RESUMED):
        words = command_of(server, "soak", "--resume", seen.directory)
        click.echo(f"go on with it by `{words}`")
    return status.OF_VERDICT[seen.verdict]


@contextmanager
def _campaign(server: Server | None, directory: str) -> Iterator[Ask]:
    """A look at a campaign, as often as it is wanted."""
    if server is None:
        path = campaign_at(Path(directory))
        yield lambda: look(path, time.time()).as_row()
        return
    with server.client() as client:
        yield lambda: client.status(directory)


def _watch(ask: Ask) -> Overview:
    """Show it again and again; gives how it was when no process worked on it any more."""
    seen = overview_from(ask())
    if has_screen():
        with Screen() as screen:
            while _goes_on(seen):
                screen.show(View(seen))
                time.sleep(EVERY)
                seen = overview_from(ask())
        return seen
    while _goes_on(seen):
        click.echo(line(seen), err=True)
        time.sleep(PLAIN)
        seen = overview_from(ask())
    return seen


def _goes_on(seen: Overview) -> bool:
    return bool(seen.holder) or seen.state == WAITING


def _print(seen: Overview) -> None:
    console = Console(highlight=False, markup=False, emoji=False)
    if console.is_terminal:
        console.print(View(seen, whole=True))
    else:
        console = Console(highlight=False, markup=False, emoji=False, width=WIDTH)
        with console.capture() as captured:
            console.print(View(seen, whole=True))
        for text in captured.get().splitlines():
            click.echo(text.rstrip())
