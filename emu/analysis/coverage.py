"""How much of a program's behaviour the runs have shown, and how much they have not.

I. J. Good: The Population Frequencies of Species and the Estimation of Population Parameters,
1953 (Good-Turing): the chance that the next run shows a behaviour that no run has shown is about
the share of runs whose behaviour was seen once. A. Chao, 1984: at least about f1**2 / (2 f2)
behaviours are still unseen, where f1 were seen once and f2 twice. Both take runs for draws
that are alike and independent, so for a strategy that learns they are a hint.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

LEAST: Final = 100
"""Fewer runs than this are never enough."""

RARE: Final = 0.01
"""Saturated: a run shows something new with at most this chance, by the estimate."""

RULE: Final = (
    f"saturated: at least {LEAST} runs, and less than {RARE:.0%} of them had a behaviour "
    f"that no other run had"
)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Distinct behaviours, those seen once and twice, of how many runs."""

    runs: int
    behaviours: int
    once: int
    twice: int

    @property
    def chance(self) -> float:
        """The chance that the next run shows something new (Good-Turing); 1 without a run."""
        return self.once / self.runs if self.runs else 1.0

    @property
    def unseen(self) -> int:
        """How many behaviours are still unseen, at least (Chao's estimate, bias-corrected)."""
        once, twice = self.once, self.twice
        return round(once * (once - 1) / (2 * (twice + 1)))

    @property
    def saturated(self) -> bool:
        """Whether more runs are hardly worth it: see `RULE`."""
        return self.runs >= LEAST and self.chance < RARE

    def as_row(self) -> dict[str, Any]:
        """The estimate as a mapping."""
        return {
            "distinct": self.behaviours,
            "seen_once": self.once,
            "unseen": self.unseen,
            "chance_of_new": round(self.chance, 6),
            "saturated": self.saturated,
        }

    def __str__(self) -> str:
        some = f"{self.behaviours:,} behaviour{'' if self.behaviours == 1 else 's'}"
        return (
            f"{some} in {self.runs:,} run{'' if self.runs == 1 else 's'}; about {self.unseen:,} "
            f"more unseen; the next run shows a new one with chance {self.chance:.2g}"
        )


class Coverage:
    """The behaviours of the runs so far, each with how often it was seen."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        self._runs = 0
        self._once = 0
        self._twice = 0

    def add(self, behaviour: int) -> bool:
        """One more run, with this fingerprint; gives whether no run before had it."""
        count = self._seen.get(behaviour, 0) + 1
        self._seen[behaviour] = count
        self._runs += 1
        self._once += (count == 1) - (count == 2)
        self._twice += (count == 2) - (count == 3)
        return count == 1

    @property
    def behaviours(self) -> tuple[int, ...]:
        """The fingerprints, in the order in which runs first had them."""
        return tuple(self._seen)

    @property
    def estimate(self) -> Estimate:
        """What is known by now."""
        return Estimate(self._runs, len(self._seen), self._once, self._twice)
