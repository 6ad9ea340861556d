"""What an exhaustive search can say: found, exhausted, or that its budget ran out. Never two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

COUNTED: Final = "preemptions, injections and timers that fire early"
"""What a bound counts. Any other choice is free: who goes on when the running thread cannot,
which waiter wakes, what the scenario draws."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked for turned up; `cost` is the bound within which it did, None if unbounded."""

    cost: int | None = None

    def __str__(self) -> str:
        return "found" if self.cost is None else f"found within bound {self.cost}"


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
    """Nothing is decided, for this `reason`; all within the bound `below` was looked at, if any."""

    reason: str
    below: int | None = None

    def __str__(self) -> str:
        done = "" if self.below is None else f"; exhausted within bound {self.below} before that"
        return f"budget ran out: {self.reason}{done}"


Answer = Found | Exhausted | BudgetSpent

NAMES: Final[dict[type, str]] = {
    Found: "found",
    Exhausted: "exhausted",
    BudgetSpent: "budget ran out",
}


def as_row(answer: Answer) -> dict[str, Any]:
    """The answer as a mapping: `answer` names it, `bound` is that of what is known for certain."""
    bound = {Found: "cost", Exhausted: "bound", BudgetSpent: "below"}[type(answer)]
    row: dict[str, Any] = {"answer": NAMES[type(answer)], "bound": getattr(answer, bound)}
    if isinstance(answer, BudgetSpent):
        row["reason"] = answer.reason
    return row
