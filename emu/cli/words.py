"""Values in words, as every verb spells them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from emu.record.finding import EXPECTED, NOT_ALLOWED
from emu.search.answer import NAMES, BudgetSpent
from emu.search.exploration import Exploration

Row = dict[str, Any]
"""What programs read of something; people read what is made of it."""

MESSAGES: Final = 3
"""How many messages of one exploration are printed; the others are in files."""


def plain(value: Any) -> str:
    """A parameter's value as it is typed."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def many(number: int, what: str) -> str:
    """So many of something, which has an s where it is not one."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def runs(number: int) -> str:
    """So many runs."""
    return many(number, "run")


def clock(seconds: float) -> str:
    """A time as a clock has it: `0:07`, `2:03:04`, `3 d 4:05:06`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours}:{minutes:02}:{rest:02}"
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


SPANS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"), (1e-3, "ms"), (1e-6, "us"))
"""Units of time, in seconds."""


def span(seconds: float) -> str:
    """A time to three digits, with its unit."""
    size, unit = next((pair for pair in SPANS if seconds >= pair[0]), (1, "s"))
    number = seconds / size
    return f"{number:,.0f} {unit}" if number >= 1000 else f"{number:.3g} {unit}"


SIZES: Final = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def size(number: int) -> str:
    """So many bytes, to three digits, with their unit."""
    one, unit = next((pair for pair in SIZES if number >= pair[0]), (1, "B"))
    return f"{number / one:.3g} {unit}"


def per_thousand(share: float | None) -> str:
    """A share, of a thousand; None is: nobody knows."""
    return "" if share is None else f"{1000 * share:,.3g}" if share < 1 else "1,000"


def outcomes(counts: dict[str, int]) -> str:
    """How often each outcome turned up, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {count:,}" for name, count in ordered) or "none"


def answer(name: str, bound: int | None) -> str:
    """What an exhaustive search says (`search.answer.NAMES`), with its bound; empty for none."""
    within = "" if bound is None else f" within bound {bound}"
    if name == NAMES[BudgetSpent]:
        return name + (f"; exhausted{within}" if within else "")
    return name + within


def finders(explored: Exploration) -> str:
    """Which strategies found something, where it was more than one; else empty."""
    found = {label: share for label, share in explored.by_strategy.items() if share.found}
    if len(found) < 2:
        return ""
    ordered = sorted(found.items(), key=lambda item: item[1].runs / item[1].found)
    return "found by " + ", ".join(
        f"{label} {share.found:,} of {share.runs:,}" for label, share in ordered
    )


def refutation(row: Row) -> str:
    """Why the expectation of an entry of a campaign is not met."""
    parts = _first([one for one in row["findings"] if one["standing"] == NOT_ALLOWED])
    if row["shortfall"]:
        parts.append(f"{row['entry']}: {row['shortfall']}")
    return "\n\n".join(parts)


def doubt(row: Row) -> str:
    """Why nothing is known of an entry's expectation."""
    reason = row["unknown"] or "it did not come to its end"
    return f"{row['entry']}: unknown: {reason}"


def messages(findings: Sequence[Row]) -> str:
    """The messages of the first few findings of an exploration, and how many more there are.

    Those that must turn up come first.
    """
    return "\n\n".join(_first(sorted(findings, key=lambda one: one["standing"] != EXPECTED)))


def _first(findings: Sequence[Row]) -> list[str]:
    parts = [one["message"] for one in findings[:MESSAGES]]
    more = len(findings) - MESSAGES
    if more > 0:
        log = findings[0].get("log")
        where = f"; their messages are in {Path(log).parent}" if log else ""
        parts.append(f"… and {many(more, 'finding')} more{where}")
    return parts
