"""What a campaign has caught, as programs read it: a row a catch, and a row a signature.

A row is the same whether it comes from a ledger or from a service.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from emu.campaign.catch import Catch
from emu.record.finding import NOT_ALLOWED, STANDINGS

Row = dict[str, Any]

COMMON: Final = ("trouble", "signature", "kind", "sentence")
"""What all rows of a group have in common, or a row has besides `Catch.as_row`."""


def catch_row(catch: Catch) -> Row:
    """A catch by itself: what it is, and `Catch.as_row`."""
    sighted = catch.tally.sighted
    common = catch.trouble, sighted.signature, sighted.kind, sighted.sentence
    return {**dict(zip(COMMON, common, strict=True)), **catch.as_row()}


def group_rows(rows: Iterable[Row]) -> list[Row]:
    """These rows by signature; what is not allowed comes first, then the lower numbers."""
    groups: dict[tuple[bool, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["trouble"], row["signature"]), []).append(row)
    made = [_group(members) for members in groups.values()]
    return sorted(made, key=lambda row: (row.get("standing") != NOT_ALLOWED, row["number"]))


def _group(members: Sequence[Row]) -> Row:
    one = members[0]
    count, runs = (sum(row[key] for row in members) for key in ("count", "runs"))
    made: Row = {
        "number": min(row["number"] for row in members),
        "signature": one["signature"],
        "kind": one["kind"],
        "count": count,
        "runs": runs,
        "per_1000": round(1000 * count / runs, 3) if runs else 0.0,
        "first_time": min(row["first_time"] for row in members),
        "last_time": max(row["last_time"] for row in members),
    }
    if not one["trouble"]:
        simplest = min(members, key=lambda row: (row["deviations"], row["number"]))
        made["standing"] = max((row["standing"] for row in members), key=STANDINGS.index)
        made |= {"deviations": simplest["deviations"], "simplest": simplest["number"]}
    entries = [{key: row[key] for key in row if key not in COMMON} for row in members]
    return {**made, "entries": entries}
