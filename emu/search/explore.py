"""Explore: many runs of one setup, machines side by side, to a finding or a budget.

Each *lane* is a trio task that runs one machine after the other. Results are taken in the
order of the runs, and the exploration ends with a run, so that one lane and thirty-two give
the same: runs beyond the last one that counts are thrown away. See `calibration` for what a
run may depend on. Nothing of a run without a finding is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import trio

from emu.analysis.coverage import Coverage
from emu.engine.carrier import Carriers, open_carriers
from emu.engine.machine import Machine
from emu.engine.scenario import Setup
from emu.errors import EmuError, StrategyError, UsageError
from emu.record.finding import UNKNOWN, Expectation, Outcome
from emu.record.history import History
from emu.search.calibration import Calibration, Calibrator, Measure, generation_end
from emu.search.draw import seed_of_run
from emu.search.edge import Halt
from emu.search.exploration import Exploration
from emu.search.guarded import Guarded
from emu.search.novelty import Novelty
from emu.search.repeat import doubtful, repeat
from emu.search.rotation import Rotation
from emu.search.start import BEGINNING, Learned, Start
from emu.search.strategies import DEFAULT, Named, Recipe, parse_strategy
from emu.search.strategy import Strategy

Stop = Literal["finding", "met", "saturated", "budget"]
OnRun = Callable[[Exploration], object]
OnBegin = Callable[[int, Machine], object]
OnHistory = Callable[[int, History], object]
OnBroken = Callable[[int, int, Exception], object]
Ran = tuple[History, int, Measure]
Result = Ran | StrategyError | None

LANES: Final = 32
STOPS: Final[dict[str, Callable[[Exploration, bool], bool]]] = {
    "finding": lambda _, found: found,
    "met": lambda so_far, _: so_far.settled,
    "saturated": lambda so_far, _: (
        so_far.coverage is not None and so_far.coverage.estimate.saturated
    ),
    "budget": lambda _, __: False,
}
"""When an exploration ends before its budget, asked after every run, in order."""


async def explore(
    setup: Setup,
    strategy: Named = DEFAULT,
    *,
    runs: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
    lanes: int = LANES,
    stop: Stop = "finding",
    behaviours: bool = False,
    expectation: Expectation | None = None,
    on_run: OnRun | None = None,
    halt: Halt | None = None,
    carriers: Carriers | None = None,
    start: Start = BEGINNING,
    on_begin: OnBegin | None = None,
    on_history: OnHistory | None = None,
    on_broken: OnBroken | None = None,
) -> Exploration:
    """Run `setup` up to `runs` times and for at most `seconds`, each time with another schedule.

    `stop` ends it earlier: at the first `finding`, or when the expectation is `met` or can no
    longer be (`expectation`, by default the scenario's), or when the behaviours are `saturated`
    (`emu.analysis.coverage`), which are counted then, or if `behaviours`. `on_run` is called
    after every run with the exploration so far, the very object that is returned: whoever
    cancels this still has it. `halt` ends it in good order from outside. With `start` it is a
    part of a longer one. `on_begin` gets the number of every run with its machine before it
    begins, `on_history` with its history, in order.
    A run that fails for a fault of emu's raises, unless `on_broken` takes its number, its seed
    and the error; then its outcome is unknown. Raises `UsageError` for a strategy, budget or
    number of lanes that is not allowed, and `StrategyError` for a strategy of the user's own
    that goes wrong, with what was found before as its `exploration`.
    """
    _check(runs=runs, seconds=seconds, lanes=lanes, stop=stop)
    recipe = parse_strategy(strategy)
    wanted = setup.scenario.expect if expectation is None else expectation
    exploration = Exploration(setup, recipe.text, seed, wanted, first=start.first)
    exploration.seen.update(start.seen)
    if behaviours or stop == "saturated":
        exploration.coverage = Coverage()
    last = None if runs is None else start.first + runs
    work = _Work(exploration, recipe, last, STOPS[stop], halt)
    work.on_begin, work.on_run = on_begin, on_run
    work.on_history, work.on_broken = on_history, on_broken
    if start.learned is not None:
        work.know(start.learned)
    started = trio.current_time()
    try:
        if carriers is None:
            async with open_carriers() as own:
                await work.run(own, lanes, seconds)
        else:
            await work.run(carriers, lanes, seconds)
    finally:
        exploration.seconds = trio.current_time() - started
    if work.broken is not None:
        raise work.broken
    exploration.learned = work.learned
    return exploration


async def run_once(
    setup: Setup, strategy: Named = DEFAULT, seed: int = 0, *, carriers: Carriers | None = None
) -> History:
    """One run, with the schedule that `strategy` draws from `seed` itself.

    Raises `UsageError` for a strategy that there is not, `StrategyError` for one that goes wrong.
    """
    recipe = parse_strategy(strategy)
    chooser = recipe.make(0, seed, Calibration())

    async def run(carriers: Carriers) -> History:
        label = recipe.label(0)
        return await Machine(setup, chooser, carriers, strategy=label, seed=seed).run()

    if carriers is None:
        async with open_carriers() as own:
            history = await run(own)
    else:
        history = await run(carriers)
    if isinstance(chooser, Guarded) and chooser.wrong:
        raise StrategyError(chooser.wrong)
    return history


class _Work:
    """The state of one exploration at work: which run is next, and which counts next."""

    def __init__(
        self,
        exploration: Exploration,
        recipe: Recipe,
        last: int | None,
        enough: Callable[[Exploration, bool], bool],
        halt: Halt | None,
    ) -> None:
        self.exploration = exploration
        self.recipe = recipe
        self.last = last
        self.enough = enough
        self.on_begin: OnBegin | None = None
        self.on_run: OnRun | None = None
        self.on_history: OnHistory | None = None
        self.on_broken: OnBroken | None = None
        self.halt = halt
        self.over = False
        self.broken: Exception | None = None
        self._next = exploration.first
        self._ended: dict[int, Result] = {}
        self._running: dict[int, Machine] = {}
        self._doubts: dict[int, EmuError | None] = {}
        self._calibrator = Calibrator()
        self._calibration = Calibration()
        self._rotation = Rotation(len(recipe.parts))
        self._novelty = Novelty()
        self._generation_end: int | None = generation_end(0)
        self._calibrated = trio.Event()

    def know(self, learned: Learned) -> None:
        """Take what earlier runs have taught for all there is to learn."""
        self._calibration = learned.calibration
        self._rotation = Rotation(len(self.recipe.parts), learned.cycle)
        self._generation_end = None

    @property
    def learned(self) -> Learned:
        """What a later part of this exploration is to know."""
        if self._generation_end is None:
            return Learned(self._calibration, self._rotation.cycle)
        return Learned(self._calibrator.calibration(), self._rotation.turned(self.exploration.runs))

    async def run(self, carriers: Carriers, lanes: int, seconds: float | None) -> None:
        """Let the lanes work until it is over; ends every machine before it lets go."""
        async with trio.open_nursery() as outside:
            if seconds is not None:
                outside.start_soon(self._at, trio.current_time() + seconds)
            if self.halt is not None:
                outside.start_soon(self._when, self.halt)
            try:
                async with trio.open_nursery() as nursery:
                    runs = lanes if self.last is None else self.last - self._next
                    for _ in range(min(lanes, runs)):
                        nursery.start_soon(self._lane, carriers)
            finally:
                self._finish()
            outside.cancel_scope.cancel()

    async def _lane(self, carriers: Carriers) -> None:
        while (run := await self._take()) is not None:
            try:
                self._ended[run] = await self._run(run, carriers)
                if self.halt is not None and self.halt.requested:
                    self._interrupt()
                self._merge()
            except Exception as error:
                self.broken = error
                self._finish()

    async def _run(self, run: int, carriers: Carriers) -> Result:
        """Make one run; an error if its strategy made one, None if emu did and that is taken."""
        exploration, recipe = self.exploration, self.recipe
        seed = seed_of_run(exploration.seed, run)
        part = self._rotation.turn(run)
        label = recipe.label(part)
        try:
            chooser = recipe.make(part, seed, self._calibration)

            def machine(chooser: Strategy) -> Machine:
                made = Machine(exploration.setup, chooser, carriers, strategy=label, seed=seed)
                self._running[run] = made
                return made

            first = machine(chooser)
            if self.on_begin is not None:
                self.on_begin(run, first)
            history = await first.run()
            measure = chooser.measure(history.steps)
            if isinstance(chooser, Guarded):
                if chooser.wrong:
                    return StrategyError(chooser.wrong)
                if not self.over and doubtful(history, run, exploration):
                    fresh = chooser.anew()
                    self._doubts[run] = await repeat(history, run, fresh, machine, carriers)
            return history, seed, measure
        except Exception as error:
            if self.on_broken is None:
                raise
            self.on_broken(run, seed, error)
            return None
        finally:
            self._running.pop(run, None)

    async def _take(self) -> int | None:
        """The number of the next run, once its generation may start; None when it is over."""
        while not self.over and self._next != self.last:
            if self._generation_end is None or self._next < self._generation_end:
                self._next += 1
                return self._next - 1
            await self._calibrated.wait()
        return None

    def _merge(self) -> None:
        """Count the runs that have ended, in order, as far as none is missing."""
        exploration = self.exploration
        while not self.over and exploration.next_run in self._ended:
            run = exploration.next_run
            result = self._ended.pop(run)
            if isinstance(result, StrategyError):
                self._break(result)
                return
            found = self._add(run, result)
            if exploration.next_run == self._generation_end:
                self._calibration = self._calibrator.calibration()
                self._rotation.turn_over(exploration.runs)
                self._generation_end = generation_end(exploration.runs)
                self._calibrated.set()
                self._calibrated = trio.Event()
            if (doubt := self._doubts.pop(run, None)) is not None:
                self._break(doubt)
            elif exploration.next_run == self.last or self.enough(exploration, found):
                self._finish()
            if self.on_run is not None:
                self.on_run(exploration)

    def _add(self, run: int, result: Ran | None) -> bool:
        """Count the next run; gives whether it found anything. A rotation learns from it."""
        exploration = self.exploration
        part = self._rotation.turn(run)
        label = self.recipe.label(part)
        if result is None:
            exploration.add_broken(label)
            return False
        history, seed, measure = result
        known = len(exploration.findings)
        found = exploration.add(history, seed, label)
        if self._generation_end is not None:
            self._calibrator.add(measure, cut=history.outcome.name == UNKNOWN)
            if len(self.recipe.parts) > 1:
                new = self._novelty.add(history)
                exploration.by_strategy[label].new += new
                self._rotation.learn(part, new=new or len(exploration.findings) > known)
        if self.on_history is not None:
            self.on_history(run, history)
        return found

    def _break(self, error: EmuError) -> None:
        """The exploration goes no further, for a fault of the user's; what was found stays."""
        self.broken = self.exploration.broken = error
        error.exploration = self.exploration
        self._finish()

    def _finish(self) -> None:
        """No further run counts: end the machines that still run."""
        self.over = True
        self._ended.clear()
        self._calibrated.set()
        for machine in self._running.values():
            machine.end(Outcome(UNKNOWN, "the exploration is over"))

    async def _at(self, deadline: float) -> None:
        await trio.sleep_until(deadline)
        self._finish()

    async def _when(self, halt: Halt) -> None:
        await halt.called.wait()
        self._interrupt()

    def _interrupt(self) -> None:
        if not self.over:
            self.exploration.interrupted = True
            self._finish()


def _check(*, runs: int | None, seconds: float | None, lanes: int, stop: str) -> None:
    if runs is None and seconds is None:
        raise UsageError("explore: no budget; give runs, seconds or both")
    if runs is not None and runs < 1:
        raise UsageError(f"explore: runs is {runs}; allowed is a whole number from 1")
    if seconds is not None and not seconds > 0:
        raise UsageError(f"explore: seconds is {seconds}; allowed is a number above 0")
    if lanes < 1:
        raise UsageError(f"explore: lanes is {lanes}; allowed is a whole number from 1")
    if stop not in STOPS:
        raise UsageError(f"explore: stop is {stop!r}; allowed is one of {', '.join(STOPS)}")
