"""How long something took, over many times: the middle, the tail, the most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took, in ns: how often, the middle, all but 1 in 100, the most, in all.

    The percentiles are values that occurred; without any, all is 0.
    """

    count: int = 0
    p50: int = 0
    p99: int = 0
    max: int = 0
    total: int = 0

    @classmethod
    def of(cls, values: Iterable[int]) -> Spread:
        """The spread of these values."""
        found = sorted(values)
        if not found:
            return cls()
        return cls(len(found), _at(found, 50), _at(found, 99), found[-1], sum(found))


def _at(found: list[int], percent: int) -> int:
    """The least value that so much of all do not exceed: that of SQL's `quantile_disc`."""
    return found[max(0, -(-len(found) * percent // 100) - 1)]
