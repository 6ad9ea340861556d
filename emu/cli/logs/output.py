"""What the verbs that make tables print: for people, as CSV, or as JSON."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from emu.cli import words
from emu.cli.streams import note
from emu.cli.table import WIDEST, fits, show
from emu.errors import UsageError

Command = TypeVar("Command", bound=Callable[..., Any])

PATHS: Final = click.argument("paths", nargs=-1, required=True, metavar="PATH...")
"""PATH...: which logs and packs."""


def formats(command: Command) -> Command:
    """--json and --csv."""
    for option in (
        click.option("--csv", "as_csv", is_flag=True, help="Print CSV on stdout, nothing else."),
        click.option(
            "--json", "as_json", is_flag=True, help="Print one JSON object on stdout, nothing else."
        ),
    ):
        command = option(command)
    return command


def one_format(*, as_json: bool, as_csv: bool) -> None:
    """Refuse two formats at once, with a `UsageError`."""
    if as_json and as_csv:
        raise UsageError("--json and --csv exclude each other; give one of them")


def tell(damage: Iterable[str]) -> None:
    """Say on stderr what is wrong with the logs."""
    for sentence in damage:
        note(f"emu: {sentence}")


def tell_partly(*, sifted: bool) -> None:
    """Say on stderr that not all of the logs was looked at for damage, if it was not."""
    if not sifted:
        note(
            "emu: these logs are large: pieces of them were looked at for damaged lines, and what "
            "this needs of the others; `emu logs pack` looks at every line"
        )


def print_csv(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a line of names and a line a row."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)


def print_rows(heads: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> None:
    """Print a table for people; all but the first `left` columns are flush right, and never torn.

    A row of one cell is a heading for those after it.
    """
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for number, head in enumerate(heads):
        if number < left:
            table.add_column(head, overflow="fold")
        else:
            table.add_column(head, justify="right", no_wrap=True)
    rows = list(rows)
    for row in rows:
        table.add_row(*(Text(cell, "bold" if len(row) == 1 else "") for cell in row))
    if fits(table):
        show(table, width=WIDEST)
    else:
        _print_records(heads, rows)


def _print_records(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a line a cell: for terminals that are too narrow for a table."""
    wide = max(map(len, heads))
    for row in rows:
        if len(row) == 1:
            click.secho(row[0], bold=True)
            continue
        for head, cell in zip(heads, row, strict=True):
            click.echo(f"{head:<{wide}}  {cell.strip()}")
        click.echo()


def under_programs(rows: Iterable[tuple[str, Sequence[str]]]) -> list[Sequence[str]]:
    """Rows under headings: each comes with its scenario, and the first cell is moved in."""
    programs: dict[str, list[Sequence[str]]] = {}
    for scenario, row in rows:
        below = programs.setdefault(scenario, [(short(scenario),)])
        below.append((f"  {row[0]}", *row[1:]))
    return [row for below in programs.values() for row in below]


def span(ns: int | None) -> str:
    """A time in ns, with a unit that suits it; a dash for none."""
    if ns is None:
        return "-"
    return "0" if ns == 0 else f"{ns} ns" if ns < 1_000 else words.span(ns / 1e9)


def short(scenario: str | None) -> str:
    """A scenario without its package; a dash for what is before the first run of a log."""
    return (scenario or "-").rpartition(".")[2]
