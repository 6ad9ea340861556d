"""Shrink: from a run that finds something to the simplest tape that finds the same.

The way of Hypothesis' shrinker: a candidate is any schedule at all, what it really did is what
counts, and "simpler" is one order, `sort_key`. Candidates are rules (see `trial`), followed
leniently, so each of them is a valid run with a strict tape of its own. A candidate is taken
if it has the same signature and a smaller key. The passes of `passes` are tried in their
order, each as long as it helps, and after one that did from the first again, until none does:
so what comes out is a fixed point, and the same whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from emu.analysis.message import Shrinking
from emu.engine.carrier import Carriers, open_carriers
from emu.engine.scenario import Setup
from emu.errors import Mismatch, UsageError
from emu.record.finding import Finding
from emu.record.history import History
from emu.record.tape import Deviation, Tape
from emu.search.edge import Halt
from emu.search.exploration import findings_of
from emu.search.passes import INJECTIONS, PASSES, Pass, Try
from emu.search.replay import replay
from emu.search.trial import Asked, Lenient, Rules, Strict, Trial, attempt

RUNS: Final = 2_000
"""How many runs shrinking may take."""

QUICK_RUNS: Final = 500
"""How many it may take where it only precedes a message."""

Key = tuple[int, int, int, int, tuple[int, ...], tuple[Deviation, ...]]
OnTrial = Callable[["Shrinker"], object]


def sort_key(trial: Trial) -> Key:
    """What is simpler is smaller.

    1. Fewer deviations: each is something that a reader has to remember.
    2. Fewer injections: what the program does by itself is nearer to its fault.
    3. Fewer steps: the picture is shorter.
    4. Lower options: the next thread in order is easier to follow than the one after.
    5. Earlier deviations, and then whatever the tape says: two tapes are never equally simple.
    """
    deviations = trial.deviations
    return (
        len(deviations),
        sum(one.kind in INJECTIONS for one in deviations),
        trial.history.steps,
        sum(one.option for one in deviations),
        tuple(one.step for one in deviations),
        deviations,
    )


@dataclass(frozen=True)
class Shrunk:
    """What came of it: the run, its finding, and what it took.

    `original` is the tape that was shrunk. `finished` is False if the budget of runs ended
    it, so that a simpler tape may exist that the passes would have come to.
    """

    history: History
    finding: Finding
    original: Tape
    runs: int
    finished: bool
    passes: tuple[Pass, ...] = field(repr=False)

    @property
    def tape(self) -> Tape:
        """The simplest tape."""
        return self.history.tape

    @property
    def in_words(self) -> Shrinking:
        """What a message says of it."""
        return Shrinking(len(self.original), self.runs, self.finished)


class _Spent(Exception):
    """The budget is used up."""


class Shrinker:
    """The simplest trial so far. Passes look at `best` and `consider` what may be simpler."""

    def __init__(
        self,
        setup: Setup,
        signature: str,
        best: Trial,
        carriers: Carriers,
        runs: int,
        on_trial: OnTrial | None = None,
        halt: Halt | None = None,
        passes: Sequence[Try] = PASSES,
    ) -> None:
        self.setup = setup
        self.signature = signature
        self.best = best
        self.runs = 0
        self.passes = [Pass(one) for one in passes]
        self._key = sort_key(best)
        self._carriers = carriers
        self._limit = runs
        self._on_trial = on_trial
        self._halt = halt
        self._seen: set[tuple[int, frozenset[tuple[object, object]]]] = set()

    async def run(self) -> bool:
        """Shrink; gives whether it came to its end within the budget."""
        try:
            while await self._improved():
                pass
        except _Spent:
            return False
        return True

    async def consider(self, rules: Rules) -> bool:
        """Try a schedule; gives whether it is simpler and finds the same. It is then `best`."""
        steps = self._patience()
        trying = (steps, frozenset(rules.items()))
        if trying in self._seen:
            return False
        self._seen.add(trying)
        return self.adopt(await self.look(Lenient(rules)))

    def adopt(self, trial: Trial) -> bool:
        """Take a trial as the best, if it is simpler and finds the same; gives whether it is."""
        key = sort_key(trial)
        if key >= self._key or self.signature not in signatures(trial.history):
            return False
        self.best, self._key = trial, key
        return True

    async def look(self, chooser: Asked) -> Trial:
        """The run that `chooser` makes."""
        if self.runs >= self._limit or (self._halt is not None and self._halt.requested):
            raise _Spent
        self.runs += 1
        trial = await attempt(self.setup, chooser, self._carriers, steps=self._patience())
        if self._on_trial is not None:
            self._on_trial(self)
        return trial

    async def _improved(self) -> bool:
        for one in self.passes:
            helped = False
            while await self._helped(one):
                helped = True
            if helped:
                return True
        return False

    async def _helped(self, one: Pass) -> bool:
        runs, key = self.runs, self._key
        try:
            await one.run(self)
        finally:
            one.count(self.runs - runs, helped=self._key < key)
        return self._key < key

    def _patience(self) -> int:
        """How many steps a candidate may take: enough for any that is like the best."""
        return 64 << self.best.history.steps.bit_length()


def signatures(history: History) -> tuple[str, ...]:
    """The signatures of what a run found."""
    return tuple(one.signature for one in findings_of(history))


async def shrink(
    setup: Setup,
    tape: Tape,
    *,
    runs: int = RUNS,
    signature: str = "",
    on_trial: OnTrial | None = None,
    halt: Halt | None = None,
    carriers: Carriers | None = None,
) -> Shrunk:
    """The simplest run of `setup` that finds what the run of `tape` finds, within `runs` runs.

    `signature` says which of its findings is meant; by default its first. `on_trial` is called
    after every run; `halt` ends it in good order from outside. Raises `Mismatch` when the tape
    does not fit, and `UsageError` when its run finds nothing.
    """
    history = await replay(setup, tape, carriers=carriers)
    wanted = _meant(history, tape, signature)
    if carriers is not None:
        return await _shrink(setup, history, wanted, runs, on_trial, halt, carriers)
    failed: Exception | None = None
    async with open_carriers() as own:
        try:
            return await _shrink(setup, history, wanted, runs, on_trial, halt, own)
        except Exception as error:
            failed = error  # raised outside: a nursery would wrap it
    assert failed is not None
    raise failed


async def _shrink(
    setup: Setup,
    history: History,
    wanted: str,
    runs: int,
    on_trial: OnTrial | None,
    halt: Halt | None,
    carriers: Carriers,
) -> Shrunk:
    tape = history.tape
    start = await attempt(setup, Strict(tape), carriers)
    if start.history.digest != history.digest:
        raise Mismatch(
            f"tape {tape} gives another history the second time: {setup.scenario.target} does "
            f"something that emu does not control"
        )
    shrinker = Shrinker(setup, wanted, start, carriers, runs, on_trial, halt)
    finished = await shrinker.run()
    best = shrinker.best.history
    if halt is not None and halt.requested:
        best = replace(best, info=history.info)  # whoever is in a hurry breaks further runs
    else:
        best = await replay(setup, best.tape, carriers=carriers)
    finding = next(one for one in findings_of(best) if one.signature == wanted)
    return Shrunk(best, finding, tape, shrinker.runs, finished, tuple(shrinker.passes))


def _meant(history: History, tape: Tape, signature: str) -> str:
    found = signatures(history)
    if not found:
        raise UsageError(
            f"there is nothing to shrink: the run of tape {tape} ends with outcome "
            f"{history.outcome.name!r} and finds nothing"
        )
    if signature and signature not in found:
        raise UsageError(f"the run of tape {tape} does not find {signature!r}, but {found[0]!r}")
    return signature or found[0]
