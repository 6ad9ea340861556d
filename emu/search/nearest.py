"""The passing run that is nearest to a failing one: as long as possible the same.

Of the failing run's deviations one is left out, the last first; then all from one on; where
even the quiet schedule fails, one deviation is added, as late as possible. The first run that
finds nothing is the nearest of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from emu.engine.carrier import open_carriers
from emu.engine.scenario import Setup
from emu.record.finding import OK
from emu.record.history import History
from emu.record.tape import Tape
from emu.search.exploration import findings_of
from emu.search.replay import replay
from emu.search.trial import Lenient, Rules, Strict, Trial, attempt

RUNS: Final = 300
"""How many runs are made at most."""


async def nearest_passing(setup: Setup, tape: Tape, *, runs: int = RUNS) -> History | None:
    """A run that finds nothing and is like that of `tape`, which fits; None if none was met."""
    passing: Tape | None = None
    async with open_carriers() as carriers:
        failing = await attempt(setup, Strict(tape), carriers)
        for rules in islice(_candidates(failing), runs):
            history = (await attempt(setup, Lenient(rules), carriers)).history
            if _passes(history):
                passing = history.tape
                break
    return None if passing is None else await replay(setup, passing)


def _passes(history: History) -> bool:
    return history.outcome.name == OK and not findings_of(history)


def _candidates(failing: Trial) -> Iterator[Rules]:
    taken = failing.taken
    count = len(taken)
    for place in reversed(range(count)):
        rest = (*taken[:place], *taken[place + 1 :])
        yield {ask.moment: ask.choice for ask in rest}
    for place in reversed(range(count - 1)):
        yield {ask.moment: ask.choice for ask in taken[:place]}
    for ask in reversed(failing.asks):
        for option, choice in enumerate(ask.options):
            if option != ask.option:
                earlier = [one for one in taken if one.step <= ask.step and one is not ask]
                yield {**{one.moment: one.choice for one in earlier}, ask.moment: choice}
