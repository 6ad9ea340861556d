"""What a campaign has caught, as a list for people."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

import click

from emu.campaign.catch import NOT_ALLOWED, Catch, Group
from emu.cli.words import per_thousand, runs

ENTRIES: Final = 4
"""So many of the entries that show a finding are named, in the order of the plan."""

SEEDS: Final = 3
"""So many of the seeds of a trouble are named."""

EVIDENCE: Final = 12
"""So many lines of the evidence of a trouble are shown."""

INDENT: Final = " " * 6


def print_groups(groups: Sequence[Group], directory: str) -> None:
    """Print findings, and troubles after them, on stdout."""
    found = [one for one in groups if not one.trouble]
    troubles = [one for one in groups if one.trouble]
    for group in found:
        number = click.style(f"{group.number:>4}", bold=True)
        red = group.standing == NOT_ALLOWED
        click.echo(f"{number}  {click.style(group.signature, fg='red' if red else None)}")
        click.echo(f"{INDENT}{_figures(group)}, {_deviations(group)}, {group.standing}")
        click.echo(f"{INDENT}{_seen(group)}")
        _print_entries(group)
    if troubles:
        click.echo("\nRuns without an answer:" if found else "Runs without an answer:")
    for group in troubles:
        number = click.style(f"{group.number:>4}", bold=True)
        click.echo(f"{number}  {click.style(group.signature, fg='yellow')}")
        click.echo(f"{INDENT}{_figures(group)}")
        click.echo(f"{INDENT}{_seen(group)}")
        _print_entries(group)
        for line in _evidence(group.first):
            click.echo(f"{INDENT}  {line}")
    _print_end(found, troubles, directory)


def _print_end(found: Sequence[Group], troubles: Sequence[Group], directory: str) -> None:
    if not found and not troubles:
        click.echo("nothing was found")
        return
    example = (found or troubles)[0].number
    click.echo(f"\n`emu show {directory}#{example}` explains one")


def _figures(group: Group) -> str:
    return f"{group.count:,} in {runs(group.runs)} ({per_thousand(group.rate)} per 1,000)"


def _seen(group: Group) -> str:
    return f"first {_when(group.first.tally.since)}, last {_when(group.last.tally.latest)}"


def _deviations(group: Group) -> str:
    simplest = group.simplest
    many = simplest.deviations
    which = "" if simplest.number == group.number else f" (#{simplest.number})"
    return f"{many} deviation{'' if many == 1 else 's'}{which}"


def _print_entries(group: Group) -> None:
    for one in group.catches[:ENTRIES]:
        tally = one.tally
        text = f"#{one.number} {one.spec.name}: run {tally.sighted.run + 1:,}"
        if tally.count > 1:
            text += f" to {tally.last_run + 1:,}, {tally.count:,} times"
        if one.trouble:
            more = " …" if len(tally.seeds) > SEEDS else ""
            text += f", seed {', '.join(map(str, tally.seeds[:SEEDS]))}{more}"
        elif one.standing == NOT_ALLOWED:
            text += f", {NOT_ALLOWED}"
        if not one.replays:
            text += ", does not replay"
        click.echo(INDENT + text)
    rest = len(group.catches) - ENTRIES
    if rest > 0:
        click.echo(f"{INDENT}and {rest} more entries")


def _evidence(catch: Catch) -> list[str]:
    lines = catch.tally.sighted.evidence.splitlines()
    if len(lines) <= EVIDENCE:
        return lines
    return [*lines[:EVIDENCE], f"… and {len(lines) - EVIDENCE} lines more"]


def _when(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
