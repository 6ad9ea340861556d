"""`emu logs signals`: what became of each signal."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

import click

from emu.analysis.tables.signals import PENDING, Signal, signals
from emu.analysis.tables.spread import Spread
from emu.analysis.tables.tables import Tables
from emu.cli import words
from emu.cli.logs import output
from emu.cli.output import print_json

PLACES: Final = 12
"""So many regions are shown of each signal."""


@click.command("signals")
@output.PATHS
@output.formats
def command(paths: tuple[str, ...], *, as_json: bool, as_csv: bool) -> None:
    """Show what became of signals, how long it took from sending to delivery, where they came.

    A signal that a fault raises has no latency: nobody sent it. On the wrong stack is a delivery
    whose action asks for the alternate stack, and whose thread had none. Times are emulated.
    """
    output.one_format(as_json=as_json, as_csv=as_csv)
    with Tables(paths) as tables:
        tables.check()
        found = signals(tables)
        output.tell(tables.damage)
        damage = list(tables.damage)
    if as_json:
        rows = [{"signal": name, **_row(one)} for name, one in found.items()]
        print_json({"signals": rows, "damage": damage})
    elif as_csv:
        names = ("signal", "region", "depth", "delivered", "from_faults", *_SPREAD)
        flat = [(name, place) for name, one in found.items() for place in _places(one)]
        output.print_csv(
            names, [(name, *place[:4], *asdict(place[4]).values()) for name, place in flat]
        )
    elif not found:
        click.echo("no signal is logged there")
    else:
        output.print_rows(_HEADS, [_cells(name, one) for name, one in found.items()])
        for name, one in found.items():
            if one.off_stack:
                click.echo(f"\n{name} on the wrong stack: {words.outcomes(one.off_stack)}")
        _print_places(found)


_SPREAD: Final = tuple(f"latency_{name}" for name in ("count", "p50", "p99", "max", "total"))

_HEADS: Final = (
    *("signal", "sent", "coalesced", "ignored", "delivered", "of faults", "taken", "dropped"),
    *("pending", "latency p50", "p99", "max"),
)


def _cells(name: str, one: Signal) -> tuple[str, ...]:
    took = one.latency
    return (
        name,
        *(
            f"{one.fates[fate]:,}" if fate else f"{one.sent:,}"
            for fate in ("", "coalesced", "ignored")
        ),
        *(f"{number:,}" for number in (one.delivered, one.faults, one.taken)),
        f"{one.dropped.total():,}",
        f"{one.undelivered:,}",
        *(output.span(ns if took.count else None) for ns in (took.p50, took.p99, took.max)),
    )


def _print_places(found: dict[str, Signal]) -> None:
    rows = []
    for name, one in found.items():
        places = sorted(_places(one), key=lambda place: (-place[2], place[:2]))
        for region, depth, count, faults, took in places[:PLACES]:
            latency = [output.span(ns if took.count else None) for ns in (took.p50, took.max)]
            rows.append((name, region or "-", f"{depth}", f"{count:,}", f"{faults:,}", *latency))
        if len(places) > PLACES:
            rest = sum(place[2] for place in places[PLACES:])
            more = f"{len(places) - PLACES:,} more regions"
            rows.append((name, more, "", f"{rest:,}", "", "", ""))
    click.echo()
    heads = ("signal", "region", "handlers deep", "delivered", "of faults", "latency p50", "max")
    output.print_rows(heads, rows, left=2)


def _places(one: Signal) -> list[tuple[str, int, int, int, Spread]]:
    """Region, depth, deliveries, those of faults, and how long the others took."""
    found = []
    for (region, depth), place in sorted(one.places.items()):
        spread = Spread.of(place.latencies)
        found.append((region, depth, place.delivered, place.faults, spread))
    return found


def _row(one: Signal) -> dict[str, Any]:
    return {
        "sent": one.sent,
        "fates": dict(sorted(one.fates.items())),
        "delivered": one.delivered,
        "from_faults": one.faults,
        "taken": one.taken,
        "dropped": dict(sorted(one.dropped.items())),
        PENDING: one.undelivered,
        "latency": asdict(one.latency),
        "off_stack": dict(sorted(one.off_stack.items())),
        "places": [
            {"region": region, "depth": depth, "delivered": count, "from_faults": faults}
            | {"latency": asdict(took)}
            for region, depth, count, faults, took in _places(one)
        ],
    }
