"""`emu logs query`: SQL over events and runs."""

from __future__ import annotations

from typing import Any, Final

import click

from emu.analysis.tables.query import query
from emu.analysis.tables.tables import Tables
from emu.cli.logs import output
from emu.cli.output import print_json

ROWS: Final = 1_000
"""So many rows a table for people has at most."""

WHOLE: Final = range(-(1 << 63), 1 << 64)
"""The whole numbers that are numbers in JSON."""


@click.command("query")
@click.argument("sql", metavar="SQL")
@output.PATHS
@output.formats
def command(sql: str, paths: tuple[str, ...], *, as_json: bool, as_csv: bool) -> None:
    """Ask the logs in SQL, as DuckDB has it.

    The tables are `events` and `runs`; `emu logs schema` shows their columns.
    """
    output.one_format(as_json=as_json, as_csv=as_csv)
    with Tables(paths) as tables:
        tables.check()
        answer = query(tables, sql)
        if as_csv:
            output.print_csv(answer.names, answer.rows)
        elif as_json:
            rows = [dict(zip(answer.names, map(_plain, row), strict=True)) for row in answer.rows]
            print_json({"rows": rows, "damage": tables.damage})
        else:
            _print(
                answer.names, [row for _, row in zip(range(ROWS + 1), answer.rows, strict=False)]
            )
        output.tell(tables.damage)


def _plain(value: Any) -> Any:
    """A value as JSON has it; what it has no word for is text."""
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, int) and value not in WHOLE:
        return str(value)
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _print(names: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    cells = [["" if value is None else str(value) for value in row] for row in rows[:ROWS]]
    output.print_rows(names, cells, left=len(names))
    if len(rows) > ROWS:
        click.echo(f"\nthe first {ROWS:,} rows; --csv and --json have all")
