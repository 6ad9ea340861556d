"""Whether a strategy of the user's own repeats itself: a run is made twice, and must be equal.

A tape replays whatever decided its run, so a finding of a strategy that draws from somewhere
else is as good as any; but its seed finds it no more, and a soak cannot be cut into parts.
The first runs are made twice, and every one that finds something new.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import Final

from emu.engine.carrier import Carriers
from emu.engine.machine import Machine
from emu.errors import EmuError, Mismatch, StrategyError
from emu.record.finding import UNKNOWN
from emu.record.history import History
from emu.search.exploration import Exploration, findings_of
from emu.search.guarded import Guarded
from emu.search.replay import replay

FIRST: Final = 2
"""So many runs of an exploration are made twice whatever they show."""

Again = Callable[[Guarded], Machine]
"""Makes the machine of the second run."""


def doubtful(history: History, run: int, exploration: Exploration) -> bool:
    """Whether a run is to be made twice; one that a limit ended has no end of its own."""
    if history.outcome.name == UNKNOWN:
        return False
    known = [found.signature for found in exploration.findings]
    return run < FIRST or any(one.signature not in known for one in findings_of(history))


async def repeat(
    history: History, run: int, chooser: Guarded, again: Again, carriers: Carriers
) -> EmuError | None:
    """Make `run` again, with a `chooser` that was made as its own was; gives what is wrong.

    That is a `StrategyError`, unless the run's own tape gives another history too: then it is
    the scenario that does not repeat itself, and a `Mismatch`.
    """
    machine = again(chooser)
    second = await machine.run()
    if chooser.wrong:
        return StrategyError(chooser.wrong)
    if second.digest == history.digest or second.outcome.name == UNKNOWN:
        return None
    setup = machine.setup
    try:
        await replay(setup, history.tape, carriers=carriers)
    except Mismatch:
        return Mismatch(
            f"{setup.scenario.target} does not repeat itself: run {run + 1} was made twice with "
            f"equal decisions, and gave two histories; a scenario may draw from its machine alone"
        )
    return StrategyError(
        f"strategy {chooser.name} is not deterministic: run {run + 1} was made twice with seed "
        f"{chooser.seed}, and the two part at step {_parting(history, second)}; what is random "
        f"must come from the seed, as self.rng does"
    )


def _parting(one: History, other: History) -> int:
    """The step of the first decision that only one of two runs has."""
    pairs = zip_longest(one.tape.deviations, other.tape.deviations)
    differing = next(pair for pair in pairs if pair[0] != pair[1])
    return min(decided.step for decided in differing if decided is not None)
