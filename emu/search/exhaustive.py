"""Exhaustive search: every schedule there is, or every one within a bound.

With a reduction and no bound, one schedule of every order (`dpor`); else by rising cost
(`bounded`). It is stateless and takes one machine after the other; equal arguments give equal
runs. The answer is `found`, `exhausted` or `budget ran out` (`answer`), and nothing between.

Both reductions rest on this: threads touch what they share in operations alone, between a
checkpoint and the next await, and name to the checkpoint what they touch, if they name
anything. A scenario that looks at `m.now` between other threads' steps is beyond them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import trio

from emu.analysis.coverage import Coverage
from emu.engine.carrier import Carriers, open_carriers
from emu.engine.scenario import Setup
from emu.engine.witness import WitnessedMachine
from emu.errors import Mismatch, UsageError
from emu.record.finding import UNKNOWN, Expectation
from emu.search.answer import NAME, Answer, BudgetSpent, Exhausted, Found
from emu.search.bounded import Bounded
from emu.search.dpor import Reduction
from emu.search.edge import Halt
from emu.search.exploration import Exploration
from emu.search.explore import STOPS, OnHistory, OnRun, Stop
from emu.search.trail import Trail

MOST: Final = 100
"""The highest bound: a search that needs more is one without a bound."""

BREATH: Final = 64
"""After so many runs others in the same trio get their turn."""


async def exhaust(
    setup: Setup,
    *,
    bound: int | None = None,
    reduce: bool = True,
    runs: int | None = None,
    seconds: float | None = None,
    stop: Stop = "met",
    expectation: Expectation | None = None,
    on_run: OnRun | None = None,
    on_history: OnHistory | None = None,
    halt: Halt | None = None,
    carriers: Carriers | None = None,
) -> Exploration:
    """Run every schedule of `setup`, up to `bound` if there is one; `answer` says what came of it.

    `reduce` leaves out schedules of an order that another one has. `runs` and `seconds` are the
    budget, None is no such limit; the other arguments are those of `explore`. Raises
    `UsageError` for a bound or a budget that makes no sense, and `Mismatch` for a scenario that
    does not repeat itself.
    """
    _check(bound=bound, runs=runs, seconds=seconds, stop=stop)
    wanted = setup.scenario.expect if expectation is None else expectation
    exploration = Exploration(setup, NAME, 0, wanted, coverage=Coverage())
    plan = Reduction() if reduce and bound is None else Bounded(bound, reduce=reduce)
    work = _Work(exploration, plan, runs, seconds, STOPS[stop], halt)
    work.on_run, work.on_history = on_run, on_history
    started = trio.current_time()
    try:
        if carriers is None:
            async with open_carriers() as own:
                await work.run(own)
        else:
            await work.run(carriers)
    finally:
        exploration.seconds = trio.current_time() - started
    if work.astray:
        wrong = exploration.broken = Mismatch(work.astray)
        wrong.exploration = exploration
        raise wrong
    return exploration


class _Work:
    """One exhaustive search at work."""

    def __init__(
        self,
        exploration: Exploration,
        plan: Reduction | Bounded,
        runs: int | None,
        seconds: float | None,
        enough: Callable[[Exploration, bool], bool],
        halt: Halt | None,
    ) -> None:
        self.exploration = exploration
        self.plan = plan
        self.runs = runs
        self.seconds = seconds
        self.enough = enough
        self.on_run: OnRun | None = None
        self.on_history: OnHistory | None = None
        self.halt = halt
        self.astray = ""

    async def run(self, carriers: Carriers) -> None:
        """Run until something is decided, or the budget is spent."""
        exploration, plan = self.exploration, self.plan
        deadline = trio.current_time() + (self.seconds or 0.0)
        while True:
            found = await self._one(carriers)
            if self.astray:
                return
            if found is not None and self.on_run is not None:
                self.on_run(exploration)
            if found is not None and self.enough(exploration, found):
                exploration.answer = Found(_level(plan))
                return
            more = plan.advance()
            if not more:
                exploration.answer = self._all()
                return
            if spent := self._spent(deadline):
                level = _level(plan)
                exploration.answer = BudgetSpent(spent, level - 1 if level else None)
                return
            if not (exploration.runs + exploration.redundant) % BREATH:
                await trio.lowlevel.checkpoint()

    def _spent(self, deadline: float) -> str:
        """What the budget was, if it is spent."""
        exploration = self.exploration
        if self.halt is not None and self.halt.requested:
            exploration.interrupted = True
            return "interrupted"
        if self.runs is not None and exploration.runs + exploration.redundant >= self.runs:
            return f"{self.runs:,} run{'' if self.runs == 1 else 's'}"
        if self.seconds is not None and trio.current_time() >= deadline:
            return f"{self.seconds:g} s"
        return ""

    async def _one(self, carriers: Carriers) -> bool | None:
        """One run; gives whether it found anything, None if another covers it."""
        exploration, plan = self.exploration, self.plan
        trail = Trail(plan.prefix, plan.sleep, cost=plan.cost, states=plan.states)
        machine = WitnessedMachine(exploration.setup, trail, carriers, strategy=NAME)
        history = await machine.run()
        if trail.astray:
            self.astray = trail.astray
            return None
        plan.learn(trail)
        if trail.redundant:
            exploration.redundant += 1
            return None
        found = exploration.add(history, 0, NAME)
        if self.on_history is not None:
            self.on_history(exploration.runs - 1, history)
        return found

    def _all(self) -> Answer:
        """Every schedule was run; one that a limit cut short was not run to its end."""
        cut = self.exploration.outcomes.get(UNKNOWN, 0)
        if cut:
            return BudgetSpent(f"{cut:,} of the runs met a limit: {self.exploration.unknown}")
        if isinstance(self.plan, Bounded) and self.plan.beyond:
            return Exhausted(self.plan.bound)
        return Exhausted(None)


def _level(plan: Reduction | Bounded) -> int | None:
    return plan.level if isinstance(plan, Bounded) else None


def _check(*, bound: int | None, runs: int | None, seconds: float | None, stop: str) -> None:
    if bound is not None and not 0 <= bound <= MOST:
        raise UsageError(
            f"exhaustive search: bound is {bound}; allowed is a whole number from 0 to {MOST}, "
            f"or none"
        )
    if runs is not None and runs < 1:
        raise UsageError(f"exhaustive search: runs is {runs}; allowed is a whole number from 1")
    if seconds is not None and not seconds > 0:
        raise UsageError(f"exhaustive search: seconds is {seconds}; allowed is a number above 0")
    if stop not in STOPS:
        raise UsageError(
            f"exhaustive search: stop is {stop!r}; allowed is one of {', '.join(STOPS)}"
        )
