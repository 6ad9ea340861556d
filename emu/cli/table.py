"""The table at the end of a soak: a row an entry, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from emu.cli.words import Row, answer, outcomes

WIDTH: Final = 100
"""How wide the table is where there is no terminal."""

WIDEST: Final = 10_000
"""How wide anything may be that is measured."""

MARKS: Final[dict[bool | None, tuple[str, str]]] = {
    True: ("yes", "green"),
    False: ("no", "bold red"),
    None: ("unknown", "yellow"),
}
"""Each verdict, as programs read it, with its word and its colour."""

OUTCOMES: Final = 34
"""How wide the column of outcomes may get before it is folded."""

FIX: Final = "fix"
"""The parameter that has a column of its own: whether the bug's fix is in."""


def print_table(rows: Sequence[Row]) -> None:
    """Print the table on stdout, in colour on a terminal; rows as `emu soak --json` has them."""
    show(_table(rows))


def fits(table: Table) -> bool:
    """Whether a terminal is wide enough for a table; a file always is."""
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        return True
    return console.measure(table, options=console.options.update(max_width=WIDEST)).maximum <= (
        console.width
    )


def show(table: Table, *, width: int = WIDTH) -> None:
    """Print any table on stdout, in colour on a terminal; else it may be `width` wide."""
    console = Console(highlight=False, markup=False, emoji=False)
    if console.is_terminal:
        console.print(table)
        return
    console = Console(highlight=False, markup=False, emoji=False, width=width)
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        click.echo(line.rstrip())


def _table(rows: Sequence[Row]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("scenario, entry", overflow="fold")
    table.add_column("fix")
    table.add_column("runs", justify="right")
    table.add_column("outcomes", overflow="fold")
    table.add_column("found at", justify="right")
    table.add_column("met")
    above = ""
    for row in rows:
        name = row["scenario"].rpartition(":")[2]
        if name != above:
            table.add_row(Text(name, "bold"))
            above = name
        word, style = MARKS[row["met"]]
        first = row["first_found"]
        table.add_row(
            Padding(row["entry"], (0, 0, 0, 2)),
            _switch(row["params"]),
            f"{row['runs']:,}",
            _came_of(row),
            "-" if first is None else f"run {first:,}",
            Text(word, style),
        )
    return table


def _came_of(row: Row) -> str:
    """The outcomes and, of an exhaustive search, its answer on a line of its own."""
    parts = (_folded(outcomes(row["outcomes"])), answer(row["answer"] or "", row["bound"]))
    return "\n".join(filter(None, parts))


def _folded(text: str) -> str:
    """A list of outcomes on lines of its own, none torn from its number."""
    lines = [""]
    for item in text.split(", "):
        if lines[-1] and len(lines[-1]) + len(item) + 2 > OUTCOMES:
            lines.append("")
        lines[-1] += f", {item}" if lines[-1] else item
    return ",\n".join(lines)


def _switch(params: dict[str, Any]) -> str:
    if FIX not in params:
        return "-"
    return "on" if params[FIX] else "off"
