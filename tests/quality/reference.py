"""The table of `reference.toml`: programs, and what another simulator measured on them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from emu.engine.scenario import Setup, load, setup

STRATEGIES: Final = ("random", "pct:2", "pct:3", "pos", "urw", "surw")


@dataclass(frozen=True)
class Program:
    """One program: see the head of `reference.toml` for the numbers."""

    name: str
    scenario: str
    threads: int
    steps: int
    budget: int
    schedules: dict[str, float]
    published: str
    preemptions: int | None = None
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def suite(self) -> str:
        return self.scenario.partition(":")[0].rpartition(".")[2]

    @property
    def best(self) -> float:
        """What the best strategy of the reference needs."""
        return min(number for number in self.schedules.values() if number > 0)

    def setup(self, *, fixed: bool = False) -> Setup:
        return setup(load(self.scenario), {**self.params, "fixed": fixed})


def programs() -> tuple[Program, ...]:
    """All of them, in the order of the table."""
    text = Path(__file__).with_name("reference.toml").read_text(encoding="utf-8")
    return tuple(Program(name, **row) for name, row in tomllib.loads(text).items())


PROGRAMS: Final = programs()
BY_NAME: Final = {program.name: program for program in PROGRAMS}
