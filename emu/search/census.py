"""The census: which threads earlier runs had, who started whom, and what they did to what.

Threads are told apart by name. What a thread is expected to do counts for whoever starts it
until that has happened, and so does what its own children are expected to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

ANYTHING: Final = None
"""Stands for every target: count all events."""


@dataclass(frozen=True, slots=True)
class Tally:
    """One thread of one run: its name, who started it, its first operation, and its events.

    `accesses` says how many of them were done to each target, "" for those that name none.
    """

    name: str
    parent: str
    first: tuple[str, str]
    accesses: tuple[tuple[str, int], ...]

    def events(self, target: str | None) -> int:
        """How many of its events were done to `target`, or to anything."""
        return sum(count for to, count in self.accesses if target is ANYTHING or to == target)


class Census:
    """What is expected of the next run, by the counts of earlier ones."""

    def __init__(self, runs: tuple[tuple[Tally, ...], ...]) -> None:
        self.runs = runs
        self._expected: dict[str | None, dict[str, int]] = {}

    def expected(self, target: str | None = ANYTHING) -> dict[str, int]:
        """Events per thread and its descendants by the thread's name, the mean, rounded."""
        known = self._expected.get(target)
        if known is None:
            known = self._expected[target] = self._mean(target)
        return known

    @cached_property
    def first(self) -> dict[str, tuple[str, str]]:
        """Per thread the operation that it began with when it was last seen, and its target."""
        return {one.name: one.first for run in self.runs for one in run}

    @cached_property
    def contended(self) -> tuple[tuple[str, int], ...]:
        """The targets that two threads of one run came to, and the accesses of these runs."""
        accesses: dict[str, int] = {}
        for run in self.runs:
            visitors: dict[str, int] = {}
            counts: dict[str, int] = {}
            for one in run:
                for target, count in one.accesses:
                    visitors[target] = visitors.get(target, 0) + 1
                    counts[target] = counts.get(target, 0) + count
            for target, count in counts.items():
                if target and visitors[target] > 1:
                    accesses[target] = accesses.get(target, 0) + count
        return tuple(accesses.items())

    def _mean(self, target: str | None) -> dict[str, int]:
        sums: dict[str, int] = {}
        seen: dict[str, int] = {}
        for run in self.runs:
            whole = {one.name: one.events(target) for one in run}
            for one in reversed(run):  # children before their parents
                if one.parent in whole:
                    whole[one.parent] += whole[one.name]
            for name, count in whole.items():
                sums[name] = sums.get(name, 0) + count
                seen[name] = seen.get(name, 0) + 1
        return {name: (2 * count + seen[name]) // (2 * seen[name]) for name, count in sums.items()}
