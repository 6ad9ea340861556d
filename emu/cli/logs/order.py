"""`emu logs order`: which lock is asked for while which is held."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from emu.analysis.order import Edge, ProgramOrder, lock_order
from emu.analysis.orderdot import as_dot
from emu.analysis.orderwords import counted, cycle_in_words, place
from emu.cli import options
from emu.cli.logs import output, reading
from emu.cli.output import print_json
from emu.cli.table import show
from emu.cli.words import plain
from emu.errors import UsageError

PLACES: Final = 2
"""How many places of an edge the table shows."""

COLUMNS: Final = (
    "scenario",
    "params",
    "held",
    "lock",
    "count",
    "runs",
    "threads",
    "held_modes",
    "modes",
    "gates",
    "signals",
    "since",
    "asks",
    "log",
    "line",
)
"""The columns of --csv; those from `since` on are of the place that is met most."""


@click.command("order")
@output.PATHS
@reading.any_outcome
@click.option("--csv", "as_csv", is_flag=True, help="Print the edges as CSV.")
@click.option("--dot", "as_graph", is_flag=True, help="Print a graph for Graphviz' `dot`.")
@options.json
def command(
    paths: tuple[str, ...],
    outcomes: tuple[str, ...],
    *,
    as_csv: bool,
    as_graph: bool,
    as_json: bool,
) -> None:
    """Show which lock is asked for while which is held, and what circles that makes.

    Every run counts, also one that failed. Of each circle it is said whether it can be a
    deadlock, or what keeps it off: a lock around it, the beginning or the end of a thread, or
    that there is but one thread that does all of it.
    """
    if as_csv + as_graph + as_json > 1:
        raise UsageError("--csv, --dot and --json exclude each other; give one of them")
    reader = reading.Reader(paths, outcomes)
    order = lock_order(reader)
    output.tell(reader.damage)
    if as_json:
        damaged = reader.damage
        print_json({"runs": reader.runs, "damaged": damaged, **asdict(order)})
    elif as_csv:
        rows = (_row(program, edge) for program in order.programs for edge in program.edges)
        output.print_csv(COLUMNS, rows)
    elif as_graph:
        click.echo(as_dot(order))
    else:
        for program in order.programs:
            _print(program)
        click.echo(reader.in_words())


def _print(program: ProgramOrder) -> None:
    click.echo(f"{program.scenario} {_settings(program)}".rstrip())
    click.echo(f"  {counted(program)}\n")
    if program.edges:
        show(_table(program))
        click.echo()
    for cycle in program.cycles:
        click.echo("\n".join(cycle_in_words(cycle)) + "\n")
    for sentence in program.notes:
        click.echo(f"{sentence}\n")


def _settings(program: ProgramOrder) -> str:
    return " ".join(f"{name}={plain(value)}" for name, value in sorted(program.params.items()))


def _table(program: ProgramOrder) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("held", "asked for"):
        table.add_column(name, overflow="fold")
    for name in ("times", "runs"):
        table.add_column(name, justify="right")
    for name in ("by", "always under", "where"):
        table.add_column(name, overflow="fold")
    for edge in program.edges:
        table.add_row(
            edge.held + _mode(edge.held_modes),
            edge.lock + _mode(edge.modes),
            f"{edge.count:,}",
            f"{edge.runs:,}",
            _by(edge),
            ", ".join(edge.gates),
            _where(edge),
        )
    return table


def _mode(modes: tuple[str, ...]) -> str:
    return f" ({' or '.join(modes)})" if modes != ("exclusive",) else ""


def _by(edge: Edge) -> str:
    handlers = f" in handlers of {', '.join(edge.signals)}" if edge.signals else ""
    return ", ".join(edge.threads) + handlers


def _where(edge: Edge) -> str:
    lines = [f"{place(one.since)} → {place(one.asks)}" for one in edge.passages[:PLACES]]
    more = len(edge.passages) - PLACES
    return "\n".join([*lines, f"and {more} more"] if more > 0 else lines)


def _row(program: ProgramOrder, edge: Edge) -> list[Any]:
    first = edge.passages[0]
    lists = (edge.threads, edge.held_modes, edge.modes, edge.gates, edge.signals)
    return [
        program.scenario,
        _settings(program),
        edge.held,
        edge.lock,
        edge.count,
        edge.runs,
        *(" ".join(one) for one in lists),
        first.since.at,
        first.asks.at,
        first.asks.path,
        first.asks.line,
    ]
