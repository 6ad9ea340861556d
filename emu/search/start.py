"""Where an exploration begins: with run 0 and nothing known, or in the middle of a longer one.

A campaign cuts an exploration into shards, which run anywhere, in any order, and again. So
what its first runs have taught is fixed then, and every later run depends on that and on its
number alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from emu.search.calibration import Calibration


@dataclass(frozen=True)
class Learned:
    """What the first runs have taught: their measures, and in which cycle strategies take turns.

    `cycle` holds indices of the parts of a strategy's recipe (`strategies.Recipe`).
    """

    calibration: Calibration = field(default_factory=Calibration)
    cycle: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Start:
    """The number of the first run, what the runs before have taught, and what they showed.

    `learned` is None where the exploration is to learn for itself, as one from run 0 does.
    `seen` maps outcomes to signatures, as `Expectation.verdict` reads it.
    """

    first: int = 0
    learned: Learned | None = None
    seen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


BEGINNING: Final = Start()
"""Run 0, and nothing known."""
