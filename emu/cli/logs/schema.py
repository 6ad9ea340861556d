"""`emu logs schema`: the tables that `query` has."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

import click

from emu.analysis.tables.query import schema
from emu.cli.logs import output
from emu.cli.output import print_json

KINDS: Final = 6
"""So many kinds of event are named for a column."""


@click.command("schema")
@output.formats
def command(*, as_json: bool, as_csv: bool) -> None:
    """Show the tables `events` and `runs`, and which events have which columns."""
    output.one_format(as_json=as_json, as_csv=as_csv)
    fields = schema()
    if as_json:
        print_json({"columns": [asdict(field) for field in fields]})
    elif as_csv:
        names = ("table", "column", "type", "meaning", "kinds")
        rows = [(one.table, one.name, one.type, one.meaning, " ".join(one.kinds)) for one in fields]
        output.print_csv(names, rows)
    else:
        for table in dict.fromkeys(one.table for one in fields):
            shown = []
            for one in fields:
                if one.table == table:
                    more = ["…"] if len(one.kinds) > KINDS else []
                    of = ", ".join([*one.kinds[:KINDS], *more])
                    shown.append((one.name, one.type, one.meaning or of))
            click.echo(f"{table}\n")
            output.print_rows(
                ("column", "type", "what it is, or the events that have it"), shown, left=3
            )
            click.echo()
