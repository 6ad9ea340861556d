"""`emu logs summary`: what is in some logs."""

from __future__ import annotations

from typing import Any, Final

import click

from emu.analysis.tables.summary import Program, summary
from emu.analysis.tables.tables import Tables
from emu.cli import words
from emu.cli.logs import output
from emu.cli.output import print_json


@click.command("summary")
@output.PATHS
@output.formats
def command(paths: tuple[str, ...], *, as_json: bool, as_csv: bool) -> None:
    """Count what is in the logs: programs, runs and how they ended, events, signals, injections.

    Times are emulated ones.
    """
    output.one_format(as_json=as_json, as_csv=as_csv)
    with Tables(paths) as tables:
        found = summary(tables)
        output.tell(tables.damage)
        sifted = tables.sources.sifted
        output.tell_partly(sifted=sifted)
        logs, packs = len(tables.sources.logs), len(tables.sources.packs)
        damage = list(tables.damage)
    total = found.total
    if as_json:
        rows = [{"scenario": name, **_row(one)} for name, one in found.programs.items()]
        print_json(
            {
                "logs": logs,
                "packs": packs,
                **_row(total),
                "kinds": dict(found.kinds),
                "programs": rows,
                "damage": damage,
                "sifted": sifted,
            }
        )
        return
    if as_csv:
        output.print_csv(
            ("scenario", *_COUNTS), [(n, *_counts(p)) for n, p in found.programs.items()]
        )
        return
    if not found.programs:
        click.echo("no run and no event is logged there")
        return
    sources = [words.many(logs, "log")] if logs else []
    sources += [words.many(packs, "pack")] if packs else []
    click.echo(
        f"{words.runs(total.runs)} of {words.many(len(found.programs), 'program')} in "
        f"{' and '.join(sources)}: "
        f"{words.many(total.events, 'event')}, {words.many(total.threads, 'thread')}, "
        f"{words.many(total.steps, 'step')}, {output.span(total.t)} of emulated time\n"
    )
    output.print_rows(
        ("program", "outcomes", "runs", "events", "threads", "signals", "injections", "longest"),
        [
            (
                output.short(name),
                words.outcomes(one.outcomes),
                f"{one.runs:,}",
                f"{one.events:,}",
                f"{one.threads:,}",
                f"{one.sent.total():,}",
                f"{one.injections.total():,}",
                output.span(one.longest),
            )
            for name, one in found.programs.items()
        ],
        left=2,
    )
    click.echo()
    for what, counts in (
        ("outcomes", total.outcomes),
        ("signals sent", total.sent),
        ("delivered", total.delivered),
        ("injections", total.injections),
        ("events", found.kinds),
    ):
        click.echo(f"{what:<12}  {words.outcomes(counts)}")


_COUNTS: Final = (
    *("runs", "events", "threads", "signals_sent", "signals_delivered", "injections"),
    *("steps", "t", "longest", "outcomes"),
)


def _counts(one: Program) -> tuple[Any, ...]:
    signals = (one.sent.total(), one.delivered.total(), one.injections.total())
    outcomes = words.outcomes(one.outcomes)
    return (one.runs, one.events, one.threads, *signals, one.steps, one.t, one.longest, outcomes)


def _row(one: Program) -> dict[str, Any]:
    return {
        "runs": one.runs,
        "outcomes": dict(sorted(one.outcomes.items())),
        "events": one.events,
        "threads": one.threads,
        "steps": one.steps,
        "t": one.t,
        "longest": one.longest,
        "signals_sent": dict(sorted(one.sent.items())),
        "signals_delivered": dict(sorted(one.delivered.items())),
        "injections": dict(sorted(one.injections.items())),
    }
