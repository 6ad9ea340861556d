"""What earlier runs of an exploration have measured: how long a run is, where chaos may act.

A run is a function of setup, strategy, seed and calibration alone. So that an exploration
gives the same results however many machines run side by side, the calibration changes only
between *generations*: before run 1, 2, 4, 8, 16, … it is made from the runs before, in the
order of their numbers, and no run of a generation starts before all of these have ended.
Doubling keeps that wait rare, and a calibration is never older than half the runs.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from emu.search.census import Census, Tally

WINDOW: Final = 64
"""How many of the latest runs a calibration is made from; more are forgotten."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One run: its steps, and per entry of the chaos plan its sites and how often it acted.

    Its `steps` are those at which it was decided who runs.
    `threads` is what each of its threads did, oldest first, if anybody counted.
    """

    steps: int
    sites: tuple[int, ...] = ()
    acted: tuple[int, ...] = ()
    threads: tuple[Tally, ...] = ()


@dataclass(frozen=True)
class Calibration:
    """The measures of earlier runs: plain data. Without measures nothing is known."""

    measures: tuple[Measure, ...] = ()

    @property
    def horizon(self) -> int:
        """How many steps a run may take, by the longest; 0 if no run was measured."""
        return max((one.steps for one in self.measures), default=0)

    def sites(self, entry: int) -> tuple[int, ...]:
        """How many sites an entry of the chaos plan had, in each run that it left alone.

        A run in which it acted may have died of that, so its count says too little.
        """
        return tuple(
            one.sites[entry] for one in self.measures if one.sites[entry] and not one.acted[entry]
        )

    @cached_property
    def census(self) -> Census:
        """Which threads there are and what they do, by the runs in which that was counted."""
        return Census(tuple(one.threads for one in self.measures if one.threads))


class Calibrator:
    """Collects measures in the order of the runs, and makes the calibration of a generation."""

    def __init__(self) -> None:
        self._window: deque[Measure] = deque(maxlen=WINDOW)
        self._cut: deque[Measure] = deque(maxlen=WINDOW)

    def add(self, measure: Measure, *, cut: bool) -> None:
        """The next run in order; `cut` if a limit ended it, so that it has no length of its own."""
        (self._cut if cut else self._window).append(measure)

    def calibration(self) -> Calibration:
        """What is known by now; runs that a limit cut count only where there is no other."""
        return Calibration(tuple(self._window or self._cut))


def generation_end(run: int) -> int:
    """The first run that is not of the generation of `run`: 1, 2, 4, 8, 16 and so on."""
    return 1 << run.bit_length()
