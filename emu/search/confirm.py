"""Confirm: make what is predicted happen, or say that it did not within the budget."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from emu.analysis.predict.needs import entry_for
from emu.analysis.predict.prediction import Prediction
from emu.analysis.predict.wakeups import LOST, Wakeup
from emu.engine.carrier import Carriers, open_carriers
from emu.engine.machine import Machine
from emu.engine.scenario import Setup
from emu.record.finding import Finding
from emu.record.history import History
from emu.search.calibration import Calibrator, generation_end
from emu.search.directed import Directed, Want
from emu.search.draw import seed_of_run
from emu.search.edge import Halt
from emu.search.exploration import findings_of
from emu.search.replay import replay
from emu.search.strategy import Strategy
from emu.search.trial import Strict, attempt
from emu.search.withheld import Withheld
from emu.search.witness import Witness, schedule_of

RUNS = 1_000
"""How many runs a prediction that has no schedule gets."""

DIRECTED = "directed"
"""The strategy's name in the history of a run that was steered."""


@dataclass(frozen=True)
class Confirmation:
    """What came of it: how many runs it took, and the finding with its run, if it happened."""

    prediction: Prediction | Wakeup
    runs: int
    history: History | None = None
    finding: Finding | None = None


async def confirm(
    setup: Setup,
    prediction: Prediction | Wakeup,
    *,
    runs: int = RUNS,
    seed: int = 0,
    carriers: Carriers | None = None,
    halt: Halt | None = None,
) -> Confirmation:
    """Make `prediction` happen in `setup`: that of its run, with chaos that brings what it needs.

    What is certain is done in one run, by its schedule; should that not get there, and for what
    is possible, `runs` runs are steered towards it; `halt` ends that in good order from outside.
    Raises `Mismatch` where the run of the prediction cannot be made again.
    """
    if carriers is None:
        async with open_carriers() as own:
            return await confirm(setup, prediction, runs=runs, seed=seed, carriers=own, halt=halt)
    made = 0
    if isinstance(prediction, Prediction) and prediction.schedule:
        made += 1
        history = await _by_schedule(setup, prediction, carriers)
        finding = _shown(history, prediction)
        if finding is not None:
            return Confirmation(prediction, made, history, finding)
    calibrator = Calibrator()
    calibration = calibrator.calibration()
    ends = generation_end(0)
    steer = _steering(prediction, setup)
    if steer is None:
        return Confirmation(prediction, made)
    for run in range(runs):
        if halt is not None and halt.requested:
            break
        if run == ends:
            calibration, ends = calibrator.calibration(), generation_end(run)
        chooser = steer(seed_of_run(seed, run), calibration)
        history = await Machine(setup, chooser, carriers, strategy=DIRECTED).run()
        calibrator.add(chooser.measure(history.steps), cut=False)
        made += 1
        finding = _shown(history, prediction)
        if finding is not None:
            again = await replay(setup, history.tape, carriers=carriers)
            return Confirmation(prediction, made, again, finding)
    return Confirmation(prediction, made)


def _steering(prediction: Prediction | Wakeup, setup: Setup) -> Callable[..., Strategy] | None:
    """What makes a strategy of a seed and a calibration; None where there is nowhere to go."""
    if isinstance(prediction, Prediction):
        return partial(Directed, wants=list(_wants(prediction, setup)))
    return partial(Withheld, wakeup=prediction) if prediction.kind == LOST else None


async def _by_schedule(setup: Setup, prediction: Prediction, carriers: Carriers) -> History:
    seen = prediction.run.history
    trial = await attempt(setup, Strict(seen.tape), carriers)
    schedule = schedule_of(seen.events, prediction.schedule)
    waiting = [one.thread for one in prediction.waits]
    made = await attempt(setup, Witness(schedule, waiting, trial.asides), carriers)
    return await replay(setup, made.history.tape, carriers=carriers)


def _wants(prediction: Prediction, setup: Setup) -> Iterator[Want]:
    rows = setup.chaos.as_rows()
    for one in prediction.waits:
        entries = tuple(entry_for(one, cause, rows) for cause in one.causes)
        yield Want(one.holds, one.lock, frozenset(one.below), entries)


def _shown(history: History, prediction: Prediction | Wakeup) -> Finding | None:
    """The finding that is the prediction come true.

    That is a cycle over just these locks; or the waiter, which waits for its condition for ever.
    """
    for finding in findings_of(history):
        if isinstance(prediction, Prediction):
            shown = sorted(one.waits_for for one in finding.cycle) == list(prediction.locks)
        else:
            wait = prediction.waiter, prediction.condition
            waiting = (*finding.cycle, *finding.blocked)
            shown = any((one.thread, one.waits_for) == wait for one in waiting)
        if shown:
            return finding
    return None
