"""The course of an entry: what its runs had shown after so many of them, in room that stays.

A point is noted after every `stride`-th run. When there are too many of them every other one is
dropped, and the stride is twice as long: so the course depends on the runs alone, however they
were cut into shards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

ROOM: Final = 128
"""How many points are kept at most: from half as many on, each says as much as a picture can."""


@dataclass(frozen=True, slots=True)
class Point:
    """After `runs` runs: how often each outcome turned up, and how many behaviours did.

    `outcomes` are counts in the order in which the outcomes turned up first; those that come
    later are missing.
    """

    runs: int
    outcomes: tuple[int, ...]
    behaviours: int


@dataclass(slots=True)
class Course:
    """The points by now, in the order of the runs; the next is due after run `due`, from 1."""

    stride: int = 1
    points: list[Point] = field(default_factory=list)

    @property
    def due(self) -> int:
        """After which run the next point is to be noted."""
        return (self.points[-1].runs if self.points else 0) + self.stride

    def note(self, runs: int, outcomes: Mapping[str, int], behaviours: int) -> None:
        """The point that is due."""
        self.points.append(Point(runs, tuple(outcomes.values()), behaviours))
        if len(self.points) > ROOM:
            self.stride *= 2
            self.points = [one for one in self.points if not one.runs % self.stride]
