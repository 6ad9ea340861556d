"""An entry as plain values: it goes to other processes and into the campaign's store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from emu.campaign.entry import Entry
from emu.campaign.recorded import setup_from
from emu.engine.scenario import Setup
from emu.engine.units import UNITS
from emu.record.finding import Expectation
from emu.search.answer import NAME
from emu.search.explore import Stop

PATIENCE: Final = 10.0
"""How many seconds a worker may be silent beyond the limit on real time of what it runs."""

UNLIMITED: Final = 60.0
"""How many it may be silent if there is no such limit."""


@dataclass(frozen=True)
class EntrySpec:
    """One entry of a campaign: what to run, how, for how long, and what is expected.

    `plan` and `name` say whose it is, `target` what the prompt calls it. `params`, `chaos` and
    `watchdog` are as in the head of a log. `runs` and `seconds` (of work, over all workers) are
    its budget; None is: no such limit. `bound` is that of an exhaustive search.
    """

    plan: str
    name: str
    target: str
    scenario: str
    params: dict[str, Any]
    chaos: tuple[dict[str, Any], ...]
    watchdog: dict[str, Any]
    expect: Expectation
    strategy: str
    seed: int
    until: Stop
    runs: int | None
    seconds: float | None
    bound: int | None = None

    @property
    def exhaustive(self) -> bool:
        """Whether every schedule is to be run, which is one shard."""
        return self.strategy == NAME

    @property
    def patience(self) -> float:
        """How many seconds a worker that runs it may be silent."""
        limit = float(self.watchdog.get("real", 0)) / UNITS["s"]
        return limit + PATIENCE if limit else UNLIMITED

    def setup(self) -> Setup:
        """What its runs are made of; raises `UsageError` when this emu cannot make it."""
        made = setup_from(self.scenario, self.params, self.chaos, self.watchdog)
        return replace(made, scenario=replace(made.scenario, expect=self.expect))


def spec_of(entry: Entry, plan: str) -> EntrySpec:
    """The entry of the plan called `plan` as plain values."""
    setup = entry.setup
    return EntrySpec(
        plan=plan,
        name=entry.name,
        target=entry.target,
        scenario=setup.scenario.target,
        params=dict(setup.params),
        chaos=tuple(dict(row) for row in setup.chaos.as_rows()),
        watchdog={name: getattr(setup.limits, name) for name in setup.limits.__slots__},
        expect=setup.scenario.expect,
        strategy=entry.strategy,
        seed=entry.seed,
        until=entry.until,
        runs=entry.runs,
        seconds=entry.seconds,
        bound=entry.bound,
    )
