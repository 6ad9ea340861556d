"""What a campaign has caught, as a list for people."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

import click

from emu.cli.words import per_thousand, runs
from emu.record.finding import NOT_ALLOWED

ENTRIES: Final = 4
"""So many of the entries that show a finding are named, in the order of the plan."""

SEEDS: Final = 3
"""So many of the seeds of a trouble are named."""

EVIDENCE: Final = 12
"""So many lines of the evidence of a trouble are shown."""

INDENT: Final = " " * 6

Row = dict[str, Any]


def print_groups(found: Sequence[Row], troubles: Sequence[Row], show: str) -> None:
    """Print findings, and troubles after them, on stdout; the rows are `rows.group_rows`'s.

    `show` is the command that explains one, without `#` and its number.
    """
    for group in found:
        number = click.style(f"{group['number']:>4}", bold=True)
        red = group["standing"] == NOT_ALLOWED
        click.echo(f"{number}  {click.style(group['signature'], fg='red' if red else None)}")
        click.echo(f"{INDENT}{_figures(group)}, {_deviations(group)}, {group['standing']}")
        click.echo(f"{INDENT}{_seen(group)}")
        _print_entries(group)
    if troubles:
        click.echo("\nRuns without an answer:" if found else "Runs without an answer:")
    for group in troubles:
        number = click.style(f"{group['number']:>4}", bold=True)
        click.echo(f"{number}  {click.style(group['signature'], fg='yellow')}")
        click.echo(f"{INDENT}{_figures(group)}")
        click.echo(f"{INDENT}{_seen(group)}")
        _print_entries(group)
        for line in _evidence(group):
            click.echo(f"{INDENT}  {line}")
    _print_end(found, troubles, show)


def _print_end(found: Sequence[Row], troubles: Sequence[Row], show: str) -> None:
    if not found and not troubles:
        click.echo("nothing was found")
        return
    example = (found or troubles)[0]["number"]
    click.echo(f"\n`{show}#{example}` explains one")


def _figures(group: Row) -> str:
    count, of = group["count"], group["runs"]
    return f"{count:,} in {runs(of)} ({per_thousand(count / of if of else 0.0)} per 1,000)"


def _seen(group: Row) -> str:
    return f"first {_when(group['first_time'])}, last {_when(group['last_time'])}"


def _deviations(group: Row) -> str:
    many, simplest = group["deviations"], group["simplest"]
    which = "" if simplest == group["number"] else f" (#{simplest})"
    return f"{many} deviation{'' if many == 1 else 's'}{which}"


def _print_entries(group: Row) -> None:
    entries = group["entries"]
    for one in entries[:ENTRIES]:
        text = f"#{one['number']} {one['entry']}: run {one['first_run']:,}"
        if one["count"] > 1:
            text += f" to {one['last_run']:,}, {one['count']:,} times"
        if "seeds" in one:
            more = " …" if len(one["seeds"]) > SEEDS else ""
            text += f", seed {', '.join(map(str, one['seeds'][:SEEDS]))}{more}"
        elif one["standing"] == NOT_ALLOWED:
            text += f", {NOT_ALLOWED}"
        if not one.get("replays", True):
            text += ", does not replay"
        click.echo(INDENT + text)
    rest = len(entries) - ENTRIES
    if rest > 0:
        click.echo(f"{INDENT}and {rest} more entries")


def _evidence(group: Row) -> list[str]:
    first = min(group["entries"], key=lambda one: (one["first_time"], one["number"]))
    lines: list[str] = first["evidence"].splitlines()
    if len(lines) <= EVIDENCE:
        return lines
    return [*lines[:EVIDENCE], f"… and {len(lines) - EVIDENCE} lines more"]


def _when(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
