"""What an exhaustive search can say: found, exhausted, or that its budget ran out. Never two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NAME: Final = "exhaustive"
"""What the search is called where strategies are named."""

COUNTED: Final = "preemptions, injections and timers that fire early"
"""What a bound counts. Any other choice is free: who goes on when the running thread cannot,
which waiter wakes, what the scenario draws."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked for turned up; `bound` is what it cost, None if that was not counted."""

    bound: int | None = None

    def __str__(self) -> str:
        return "found" if self.bound is None else f"found within bound {self.bound}"


@dataclass(frozen=True, slots=True)
class Exhausted:
    """There is no other schedule within `bound`; None: no other at all."""

    bound: int | None = None

    def __str__(self) -> str:
        if self.bound is None:
            return "exhausted: every schedule, without a bound"
        return f"exhausted within bound {self.bound} ({COUNTED})"


@dataclass(frozen=True, slots=True)
class BudgetSpent:
    """Nothing is decided, for this `reason`; all within the bound `bound` was looked at, if any."""

    reason: str
    bound: int | None = None

    def __str__(self) -> str:
        done = "" if self.bound is None else f"; exhausted within bound {self.bound} before that"
        return f"budget ran out: {self.reason}{done}"


Answer = Found | Exhausted | BudgetSpent

NAMES: Final[dict[type, str]] = {
    Found: "found",
    Exhausted: "exhausted",
    BudgetSpent: "budget ran out",
}
