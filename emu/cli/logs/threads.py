"""`emu logs threads`: how threads spend their time, and who keeps whom waiting."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Final

import click

from emu.analysis.tables.tables import Tables
from emu.analysis.tables.threads import Blocking, Thread, threads
from emu.cli.logs import output
from emu.cli.output import print_json
from emu.errors import UsageError

PAIRS: Final = 20
"""So many of those who keep others waiting are shown."""


@click.command("threads")
@output.PATHS
@output.formats
@click.option("--pairs", is_flag=True, help="With --csv: who keeps whom waiting, not the threads.")
def command(paths: tuple[str, ...], *, as_json: bool, as_csv: bool, pairs: bool) -> None:
    """Show how threads spend their time: running, waiting, in handlers; and who blocks whom.

    A thread runs where nothing keeps it from running. What happens in handlers is part of all
    the other columns as well. Times are emulated ones, over all runs together.
    """
    output.one_format(as_json=as_json, as_csv=as_csv)
    if pairs and not as_csv:
        raise UsageError("--pairs is for --csv; the table and --json have both")
    with Tables(paths) as tables:
        tables.check()
        found = threads(tables)
        output.tell(tables.damage)
        damage = list(tables.damage)
    if as_json:
        rows = [{**asdict(one), "running": one.running} for one in found.threads]
        blocking = [asdict(one) for one in found.blocking]
        print_json({"threads": rows, "blocking": blocking, "damage": damage})
    elif as_csv and pairs:
        names = [item.name for item in fields(Blocking)]
        output.print_csv(names, [list(asdict(one).values()) for one in found.blocking])
    elif as_csv:
        names = [*(item.name for item in fields(Thread)), "running"]
        rows_of = [[*asdict(one).values(), one.running] for one in found.threads]
        output.print_csv(names, rows_of)
    elif not found.threads:
        click.echo("no thread ran")
    else:
        cells = ((one.scenario, _cells(one)) for one in found.threads)
        output.print_rows(_HEADS, output.under_programs(cells))
        _print_blocking(found.blocking)


_HEADS: Final = (
    *("program, thread", "runs", "unended", "life", "running", "waiting", "blocked", "sleeping"),
    *("stalled", "in handlers", "handlers"),
)


def _cells(one: Thread) -> tuple[str, ...]:
    times = (one.life, one.running, one.waiting, one.blocked, one.sleeping, one.stalled)
    return (
        one.thread,
        f"{one.runs:,}",
        f"{one.unended:,}",
        *(output.span(ns) for ns in (*times, one.in_handlers)),
        f"{one.handlers:,}",
    )


def _print_blocking(found: list[Blocking]) -> None:
    if not found:
        click.echo("\nnobody kept anybody waiting")
        return
    click.echo()
    output.print_rows(
        ("waits", "for", "of", "program", "times", "in all", "longest", "at", "run", "step"),
        [
            (
                one.waiter,
                one.what,
                one.holder,
                output.short(one.scenario),
                f"{one.count:,}",
                output.span(one.total),
                output.span(one.longest),
                one.place,
                f"{one.run:,}",
                f"{one.step:,}",
            )
            for one in found[:PAIRS]
        ],
        left=4,
    )
    if len(found) > PAIRS:
        click.echo(f"\nand {len(found) - PAIRS:,} more; --json has all")
