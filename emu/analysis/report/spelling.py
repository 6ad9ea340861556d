"""Numbers and times as the page spells them: the same on every machine, in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

UNITS: Final = ((10**9, "s"), (10**6, "ms"), (10**3, "µs"), (1, "ns"))
LONG: Final = ((86_400, "d"), (3_600, "h"), (60, "min"))
"""Units of long times, in seconds."""


def whole(number: int | str) -> str:
    """A whole number, in groups of three digits; a text is left as it is."""
    return number if isinstance(number, str) else f"{number:,}"


def short(number: float) -> str:
    """A number for an axis: `1.5k`, `20M`."""
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return f"{number:.3g}"


def duration(ns: int) -> str:
    """A time in ns, to three digits: `12 µs`, `1.5 h`."""
    for seconds, unit in LONG:
        if ns >= seconds * 10**9:
            return f"{ns / 10**9 / seconds:.3g} {unit}"
    for size, unit in UNITS:
        if ns >= size:
            return f"{ns / size:.3g} {unit}"
    return "0"


def moment(seconds: float, since: float | None = None) -> str:
    """A moment, given in seconds since the epoch; of a day that `since` has told, only the time."""
    date, time = f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}".split()
    told = since is not None and moment(since).startswith(date)
    return time if told else f"{date} {time}"


def percent(share: float) -> str:
    """A share: `12 %`, `0.3 %`."""
    return f"{100 * share:.3g} %" if share < 1 else "100 %"


def settings(values: Mapping[str, Any]) -> str:
    """Parameters as they are typed: `ordered=true, runs=3`."""
    return ", ".join(f"{name}={setting(value)}" for name, value in values.items())


def setting(value: Any) -> str:
    """A value as it is typed."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return " ".join(map(setting, value))
    return "none" if value is None else str(value)


def plural(number: int, noun: str, nouns: str = "") -> str:
    """So many of something: `1 run`, `2,000 runs`."""
    return f"{number:,} {noun if number == 1 else nouns or f'{noun}s'}"
