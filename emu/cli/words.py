"""Values in words, as every verb spells them."""

from __future__ import annotations

from typing import Any

from emu.record.finding import Expectation


def plain(value: Any) -> str:
    """A parameter's value as it is typed."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def outcomes(counts: dict[str, int]) -> str:
    """How often each outcome turned up, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {count:,}" for name, count in ordered) or "none"


def expectation(expect: Expectation) -> str:
    """An expectation: what must turn up, and what else may."""
    parts = []
    if expect.some:
        parts.append(" and ".join(expect.some))
    if expect.only is not None:
        allowed = ", ".join(dict.fromkeys((*expect.some, *expect.only)))
        parts.append(f"nothing but {allowed}")
    return ", ".join(parts) or "anything"
