"""An entry: what to run, how, for how long, and what is expected of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from emu.engine.scenario import Setup
from emu.record.finding import Expectation
from emu.search.explore import Stop
from emu.search.strategies import DEFAULT

RUNS: Final = 1_000
UNTIL: Final[Stop] = "met"


@dataclass(frozen=True)
class Entry:
    """One entry of a plan: what to run, how, and for how long.

    `target` is what the prompt calls it: `plan.toml#entry`. `runs` and `seconds` are the
    budget; None is: no such limit. `until` is described in `document.Settings`. `bound` is that
    of an exhaustive search, which `strategy` may name.
    """

    name: str
    target: str
    setup: Setup
    strategy: str = DEFAULT
    runs: int | None = RUNS
    seconds: float | None = None
    seed: int = 0
    until: Stop = UNTIL
    bound: int | None = None

    @property
    def expect(self) -> Expectation:
        """What must and what may turn up."""
        return self.setup.scenario.expect
