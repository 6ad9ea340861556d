"""`emu logs locks`: what became of each lock."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

import click

from emu.analysis.tables.locks import Lock, locks
from emu.analysis.tables.tables import Tables
from emu.cli.logs import output
from emu.cli.output import print_json

TOP: Final = 3
"""Of so many locks the longest wait is told in words."""


@click.command("locks")
@output.PATHS
@output.formats
def command(paths: tuple[str, ...], *, as_json: bool, as_csv: bool) -> None:
    """Show how often each lock was had, how often it was contended, waited for and held, how long.

    Waits are those of acquisitions that found the lock held; a wait that had no end is stuck.
    Times are emulated ones. The lock that was waited for most comes first.
    """
    output.one_format(as_json=as_json, as_csv=as_csv)
    with Tables(paths) as tables:
        found = locks(tables)
        output.tell(tables.damage)
        sifted = tables.sources.sifted
        output.tell_partly(sifted=sifted)
        damage = list(tables.damage)
    if as_json:
        print_json({"locks": [_row(lock) for lock in found], "damage": damage, "sifted": sifted})
    elif as_csv:
        output.print_csv(_FLAT, [_flat(lock) for lock in found])
    elif not found:
        click.echo("no lock was asked for")
    else:
        rows = ((lock.scenario, _cells(lock)) for lock in found)
        output.print_rows(_HEADS, output.under_programs(rows))
        _print_longest(found)


def _print_longest(found: list[Lock]) -> None:
    waited = [lock for lock in found if lock.longest is not None]
    for lock in sorted(waited, key=lambda one: -_longest(one))[:TOP]:
        wait = lock.longest
        assert wait is not None
        where = f" at {wait.place}" if wait.place else ""
        click.echo(
            f"\nthe longest wait for {lock.lock}: {output.span(wait.waited)}, by {wait.thread}"
            f"{where}, run {wait.run:,}, step {wait.step:,}{'' if wait.ended else ', without end'}"
        )


def _longest(lock: Lock) -> int:
    return lock.longest.waited if lock.longest is not None else 0


_HEADS: Final = (
    *("program, lock", "had", "contended", "stuck", "wait p50", "p99", "max", "hold p50", "p99"),
    *("max", "in handlers", "holders"),
)


def _cells(lock: Lock) -> tuple[str, ...]:
    waits, held = lock.waits, lock.holds
    return (
        lock.lock,
        f"{lock.acquisitions:,}",
        f"{100 * lock.contended_share:.3g} %",
        f"{lock.stuck:,}",
        *(output.span(ns if waits.count else None) for ns in (waits.p50, waits.p99, waits.max)),
        *(output.span(ns if held.count else None) for ns in (held.p50, held.p99, held.max)),
        f"{lock.in_handlers:,}",
        f"{len(lock.holders):,}",
    )


def _row(lock: Lock) -> dict[str, Any]:
    return {**asdict(lock), "contended_share": lock.contended_share}


_FLAT: Final = (
    *("scenario", "lock", "acquisitions", "contended", "contended_share", "in_handlers", "stuck"),
    *("unreleased", "holders"),
    *(f"wait_{name}" for name in ("count", "p50", "p99", "max", "total")),
    *(f"hold_{name}" for name in ("count", "p50", "p99", "max", "total")),
    *(f"longest_{name}" for name in ("waited", "thread", "place", "step", "run")),
)


def _flat(lock: Lock) -> list[Any]:
    wait = asdict(lock.longest) if lock.longest is not None else {}
    return [
        lock.scenario,
        lock.lock,
        lock.acquisitions,
        lock.contended,
        lock.contended_share,
        lock.in_handlers,
        lock.stuck,
        lock.unreleased,
        len(lock.holders),
        *asdict(lock.waits).values(),
        *asdict(lock.holds).values(),
        *(wait.get(name) for name in ("waited", "thread", "place", "step", "run")),
    ]
