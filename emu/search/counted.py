"""Strategies that count what each thread does, for the runs to come and for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emu.search.calibration import Calibration, Measure
from emu.search.census import Tally
from emu.search.strategy import Strategy

if TYPE_CHECKING:
    from emu.engine.machine import Machine
    from emu.engine.thread import Thread

Trail = list[tuple["Thread", str, str]]


class Counted(Strategy):
    """Asks the machine for its trail, and measures every thread by it.

    It `counts` when nobody has done so before, unless a strategy needs that itself.
    """

    quiet_until = 0

    def __init__(self, seed: int, calibration: Calibration) -> None:
        super().__init__(seed, calibration)
        self.counts = not calibration.census.runs
        self.trail: Trail = []
        self._parents: dict[str, str] = {}

    def start(self, machine: Machine) -> None:
        """Have the machine note who came to do what."""
        super().start(machine)
        if self.counts:
            machine.trail = self.trail
            machine.on_spawn(self.spawned)

    def spawned(self, parent: Thread, child: Thread) -> None:
        """`parent` has started `child`."""
        self._parents[child.name] = parent.name

    def measure(self, steps: int) -> Measure:
        """With what every thread did."""
        base = super().measure(steps)
        first: dict[str, tuple[str, str]] = {}
        accesses: dict[str, dict[str, int]] = {}
        for thread, operation, target in self.trail:
            name = thread.name
            mine = accesses.get(name)
            if mine is None:
                mine = accesses[name] = {}
                first[name] = (operation, target)
            mine[target] = mine.get(target, 0) + 1
        parents = self._parents
        known = ["main", *parents] if accesses else []
        tallies = tuple(
            Tally(
                name,
                parents.get(name, ""),
                first.get(name, ("start", name)),
                tuple(accesses.get(name, {}).items()),
            )
            for name in known
        )
        return Measure(base.steps, base.sites, base.acted, tallies)
