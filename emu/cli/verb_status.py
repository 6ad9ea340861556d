"""`emu status`: how a campaign gets on, or what became of it, from another terminal."""

from __future__ import annotations

import time
from pathlib import Path

import click
from rich.console import Console

from emu.campaign.opening import campaign_at
from emu.campaign.overview import Overview, look
from emu.cli import options, status
from emu.cli.monitor import PLAIN
from emu.cli.output import print_json
from emu.cli.screen import Screen, has_screen
from emu.cli.table import WIDTH
from emu.cli.view import View, line
from emu.errors import UsageError

EVERY = 1.0
"""Seconds between two pictures: the ledger has news about as often."""


@click.command("status")
@click.argument("directory", metavar="DIR")
@click.option("--watch", "watches", is_flag=True, help="Go on showing it until it ends.")
@options.json
def command(directory: str, *, watches: bool, as_json: bool) -> int:
    """Show how the campaign in DIR gets on, or what became of it.

    DIR is a campaign's directory, such as runs/smoke/0001, or runs/smoke for its latest. Nothing
    in it is changed; another process may be at work on it.

    Exit status: 0 every expectation is met, 1 one is not, 3 one is unknown, or not met yet.
    """
    if watches and as_json:
        raise UsageError("--watch is for people; allowed with --json is one look")
    path = campaign_at(Path(directory))
    seen = _watch(path) if watches else look(path, time.time())
    if as_json:
        print_json(seen.as_row())
    else:
        _print(seen)
    return status.OF_VERDICT[seen.verdict]


def _watch(path: Path) -> Overview:
    """Show it again and again; gives how it was when no process worked on it any more."""
    seen = look(path, time.time())
    if has_screen():
        with Screen() as screen:
            while seen.holder:
                screen.show(View(seen))
                time.sleep(EVERY)
                seen = look(path, time.time())
        return seen
    while seen.holder:
        click.echo(line(seen), err=True)
        time.sleep(PLAIN)
        seen = look(path, time.time())
    return seen


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
    if seen.resumable:
        click.echo(f"go on with it by `emu soak --resume {seen.directory}`")
