"""Durations as people write them: `5s`, `250ms`, `10us`, `3min`, `2h`; inside, integer ns."""

from __future__ import annotations

import re
from math import inf
from typing import Final

from emu.errors import UsageError

UNITS: Final = {
    "ns": 1,
    "us": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "min": 60_000_000_000,
    "h": 3_600_000_000_000,
}

_DURATION: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)")


def parse_duration(value: object, where: str) -> int:
    """A duration in ns from its text, or from a number of seconds; raises `UsageError`."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < inf:
        return round(value * UNITS["s"])
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None or match[2] not in UNITS:
        raise UsageError(
            f"{where} is {value!r}; allowed is a number of seconds, or a text "
            f"such as '5s' with one of the units {', '.join(UNITS)}"
        )
    return round(float(match[1]) * UNITS[match[2]])


def format_duration(ns: int) -> str:
    """The shortest text for a duration in ns, exact to three digits."""
    for unit, size in reversed(UNITS.items()):
        if ns >= size and unit not in ("min", "h"):
            return f"{ns / size:.3g}{unit}" if ns < 1000 * size else f"{ns // size}{unit}"
    return f"{ns}ns"
