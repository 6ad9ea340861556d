"""The rotation: which strategy gets the next run, by what each has turned up that is new.

Every strategy gets its turn in a fixed cycle. From the generation that begins with run
`LEARNS` on, a cycle has more turns of those strategies whose runs still show something new: a
finding, or a behaviour that no earlier run had. None ever gets less than one turn of a cycle,
and none more than `MOST`, because what has found nothing new yet may find the only bug there is.

A bandit with whole numbers, which learns between generations alone (see `calibration`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

LEARNS: Final = 32
"""The first run whose strategy depends on what earlier runs have shown."""

MOST: Final = 6
"""How many turns a strategy gets for every turn of one that finds nothing new any more."""


class Rotation:
    """The turns of so many strategies, called parts 0, 1, 2, …, in one exploration."""

    def __init__(self, parts: int, cycle: Sequence[int] = ()) -> None:
        self._cycle = list(cycle or range(parts))
        self._tried = [0] * parts
        self._new = [0] * parts

    def turn(self, run: int) -> int:
        """Which part this run of the current generation gets."""
        return self._cycle[run % len(self._cycle)]

    @property
    def cycle(self) -> tuple[int, ...]:
        """The parts in the order of their turns."""
        return tuple(self._cycle)

    def turned(self, run: int) -> tuple[int, ...]:
        """The cycle that a generation would have if it began with `run`."""
        if run < LEARNS:
            return self.cycle
        pairs = zip(self._new, self._tried, strict=True)
        turns = [1 + ((MOST - 1) * (new + 1)) // (tried + 1) for new, tried in pairs]
        return tuple(spread(turns))

    def learn(self, part: int, *, new: bool) -> None:
        """The next run in order was one of `part`, and showed something `new`, or did not."""
        self._tried[part] += 1
        self._new[part] += new

    def turn_over(self, run: int) -> None:
        """A generation begins with `run`: give the turns anew; half of what was, counts."""
        if run < LEARNS:
            return
        self._cycle = list(self.turned(run))
        self._new = [new // 2 for new in self._new]
        self._tried = [tried // 2 for tried in self._tried]


def spread(turns: list[int]) -> list[int]:
    """A cycle in which part i has `turns[i]` turns, as far apart as may be."""
    total = sum(turns)
    credit = [0] * len(turns)
    cycle = []
    for _ in range(total):
        credit = [have + earned for have, earned in zip(credit, turns, strict=True)]
        part = credit.index(max(credit))
        credit[part] -= total
        cycle.append(part)
    return cycle
