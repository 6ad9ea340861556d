"""What explorations, runs and campaigns came to: for programs, or in words made of the same row.

The row may be of this process or of a service.
"""

from __future__ import annotations

from typing import Final

import click

from emu.cli.output import print_json
from emu.cli.words import Row, doubt, messages, refutation
from emu.search.answer import COUNTED

INTERRUPTED: Final = "interrupted: this is what was found until then"
TIMED: Final = "the service gives a call no more time: this is what was found until then"


def timely(row: Row) -> Row:
    """The row of a service's call, which nobody interrupts: its time there may be up."""
    lines = [TIMED if line == INTERRUPTED else line for line in row["summary"]]
    return {**row, "summary": lines}


def show_found(row: Row, *, as_json: bool) -> None:
    """Print an exploration: the messages of what was found, and its summary."""
    if as_json:
        print_json(row)
    else:
        click.echo("\n\n".join(filter(None, (messages(row["findings"]), _lines(row)))))


def show_run(row: Row, *, as_json: bool) -> None:
    """Print a run: the message of each finding or, if there is none, how it ended."""
    if as_json:
        print_json(row)
    else:
        click.echo("\n\n".join([one["message"] for one in row["findings"]] or [_lines(row)]))


def show_campaign(row: Row, *, as_json: bool) -> None:
    """Print a campaign: the table, and above it the messages of what should not have been."""
    if as_json:
        print_json(row)
        return
    from emu.cli.table import print_table

    entries = row["entries"]
    for one in entries:
        if one["met"] is False:
            click.echo(f"{refutation(one)}\n")
        elif one["met"] is None and not row["interrupted"]:
            click.echo(f"{doubt(one)}\n")
    print_table(entries)
    if any(one["bound"] is not None for one in entries):
        click.echo(f"a bound counts {COUNTED}")
    met = sum(one["met"] is True for one in entries)
    click.echo(f"{met} of {len(entries)} expectations met")


def _lines(row: Row) -> str:
    return "\n".join(row["summary"])
