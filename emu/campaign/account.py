"""The account of one entry: harvests in any order become figures, in the order of the runs.

Every run counts once. What comes before its turn waits; what comes twice, or after the end,
does not count. The entry ends with a run, the same one however its runs were cut into shards.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from emu.analysis.sample import BehaviourSample
from emu.campaign.course import Course
from emu.campaign.harvest import Harvest, Kind, Sighting
from emu.campaign.spec import EntrySpec
from emu.record.finding import UNKNOWN, Verdict
from emu.search.answer import NAMES, Answer, BudgetSpent

GIVEN_UP: Final = 10
"""After so many runs that cost a worker, or the limit on real time, an entry is set aside."""

DECIDED: Final = ("budget", "finding", "met", "saturated", *NAMES.values())
"""An entry that is over for one of these reasons has a verdict; a search whose budget ran out
decides nothing but what it found."""

SEEDS: Final = 20
"""How many seeds of one trouble are kept."""

COSTLY: Final = ("worker lost", "without a checkpoint")
"""What the trouble with such a run says."""


@dataclass(slots=True)
class Tally:
    """One thing found, or one trouble: what and how often; numbers of runs count from 0.

    `sighted` is the first run that showed it. `since` and `latest` are when the first and the
    last of them were counted, in seconds since the epoch. `seeds` has the first few seeds of a
    trouble, which no tape runs again.
    """

    sighted: Sighting
    count: int
    last_run: int
    since: float
    latest: float
    seeds: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Figures:
    """What is known of an entry: the runs below `runs` are counted, and no other.

    `budget` is how many runs there may be; it grows when others hand theirs on. `first` maps
    outcomes to the signatures seen with them, each with the run that showed it first ("" is the
    outcome itself). `over` says why no further run counts; empty: it goes on. `answer` is what an
    exhaustive search says (`search.answer.NAMES`), with its bound. `course` says how it came to
    all this; an entry that was begun before ledgers had one has none.
    """

    runs: int = 0
    budget: int | None = None
    steps: int = 0
    emulated: int = 0
    seconds: float = 0.0
    costly: int = 0
    over: str = ""
    unknown: str = ""
    answer: str = ""
    bound: int | None = None
    outcomes: dict[str, int] = field(default_factory=dict)
    first: dict[str, dict[str, int]] = field(default_factory=dict)
    sampled: int = 0
    level: int = 0
    behaviours: dict[int, int] = field(default_factory=dict)
    course: Course = field(default_factory=Course)


class Account:
    """What is known of one entry, and the harvests that wait for their turn."""

    def __init__(self, spec: EntrySpec, figures: Figures | None = None) -> None:
        self.spec = spec
        budget = None if spec.exhaustive else spec.runs
        self.figures = Figures(budget=budget) if figures is None else figures
        self.findings: dict[str, Tally] = {}
        self.troubles: dict[str, Tally] = {}
        self.waiting: dict[int, Harvest] = {}
        known = self.figures
        self._sample = BehaviourSample(known.sampled, known.level, known.behaviours)

    @property
    def seen(self) -> dict[str, tuple[str, ...]]:
        """The outcomes with the signatures of their findings, as `Expectation.verdict` reads it."""
        return {
            outcome: tuple(signature for signature in found if signature)
            for outcome, found in self.figures.first.items()
        }

    @property
    def settled(self) -> bool:
        """Whether more runs cannot mend the verdict, or need not; see `Exploration.settled`."""
        expect, seen = self.spec.expect, self.seen
        if expect.refuted(seen):
            return True
        return bool(expect.some) and expect.only is None and not expect.missing(seen)

    @property
    def verdict(self) -> Verdict:
        """Whether the expectation holds; unknown while there is more to come that may mend it."""
        over = self.figures.over
        decided = over in DECIDED and (over != "budget" or not self.spec.exhaustive)
        return self.spec.expect.verdict(self.seen) if decided or self.settled else Verdict.UNKNOWN

    @property
    def sample(self) -> BehaviourSample:
        """The behaviours of those runs that were fingerprinted."""
        return self._sample

    def add(self, harvest: Harvest, now: float) -> list[Tally]:
        """Take a harvest; gives what was never seen before, of all that could be counted.

        `now` is in seconds since the epoch.
        """
        known = self.waiting.get(harvest.first)
        if known is None or known.runs < harvest.runs:
            self.waiting[harvest.first] = harvest
        new: list[Tally] = []
        while not self.figures.over and (ready := self._ready()) is not None:
            new += self._count(ready, now)
        if self.figures.over:
            self.waiting.clear()
        return new

    def close(self, reason: str) -> None:
        """No further run counts, for a reason from outside: the budget of the whole is spent."""
        if not self.figures.over:
            self.figures.over = reason
            self.waiting.clear()

    def conclude(self, answer: Answer) -> None:
        """An exhaustive search has ended, and this is what it says."""
        self.figures.answer = NAMES[type(answer)]
        self.figures.bound = answer.bound
        self.close("budget" if isinstance(answer, BudgetSpent) else self.figures.answer)

    def extend(self, runs: int) -> None:
        """So many runs more, after the budget was spent."""
        assert self.figures.budget is not None
        self.figures.budget += runs
        self.figures.over = ""

    def _ready(self) -> Harvest | None:
        """The harvest that has the next run, and nothing of what is counted; None: it is due."""
        turn = self.figures.runs
        for first in sorted(self.waiting):
            if first > turn:
                break
            harvest = self.waiting.pop(first)
            if harvest.end > turn:
                return without(harvest, turn - first)
        return None

    def _count(self, harvest: Harvest, now: float) -> list[Tally]:
        figures = self.figures
        end, over = self._end(harvest)
        new = self._found(harvest, end, now)
        figures.runs += end
        figures.steps += sum(harvest.steps[:end])
        figures.emulated += sum(harvest.times[:end])
        figures.seconds += harvest.seconds
        if not figures.over:
            figures.over = over or self._limit()
        return new

    def _end(self, harvest: Harvest) -> tuple[int, str]:
        """How many of its runs count, and why the last of them ends the entry, if it does."""
        until, budget = self.spec.until, self.figures.budget
        first = harvest.first
        behaviours = iter([*harvest.behaviours, (-1, 0)])
        fingerprinted, behaviour = next(behaviours)
        course = self.figures.course
        counted, due, known = 0, course.due, -1
        for at, code in enumerate(harvest.codes):
            run = first + at
            new = code > known  # kinds are numbered as they turn up
            if new:
                known = code
                self._note(harvest.kinds[code], run)
            found = until == "finding" and bool(harvest.kinds[code].signatures)
            over = until if found or (until == "met" and new and self.settled) else ""
            if run == fingerprinted:
                self._sample.add(behaviour)
                fingerprinted, behaviour = next(behaviours)
                if until == "saturated" and self._sample.estimate.saturated:
                    over = until
            if run + 1 == due:
                self._count_outcomes(harvest, counted, at + 1)
                counted = at + 1
                course.note(due, self.figures.outcomes, self._sample.estimate.behaviours)
                due = course.due
            if run + 1 == budget:
                over = over or "budget"
            if over:
                break
        else:
            at, over = harvest.runs - 1, ""
        self._count_outcomes(harvest, counted, at + 1)
        figures, sample = self.figures, self._sample
        figures.sampled, figures.level, figures.behaviours = (
            sample.runs,
            sample.level,
            sample.counts,
        )
        return at + 1, over

    def _count_outcomes(self, harvest: Harvest, first: int, end: int) -> None:
        """Count how those of its runs ended."""
        outcomes = self.figures.outcomes
        for code, count in sorted(Counter(harvest.codes[first:end]).items()):
            kind = harvest.kinds[code]
            outcomes[kind.outcome] = outcomes.get(kind.outcome, 0) + count

    def _note(self, kind: Kind, run: int) -> None:
        seen = self.figures.first.setdefault(kind.outcome, {})
        for signature in kind.signatures or ("",):
            seen.setdefault(signature, run)

    def _found(self, harvest: Harvest, end: int, now: float) -> list[Tally]:
        """Count what these runs found and where they had trouble; gives what is new."""
        new: list[Tally] = []
        counts: dict[str, int] = {}
        last: dict[str, int] = {}
        for at in range(end):
            for signature in harvest.kinds[harvest.codes[at]].signatures:
                counts[signature] = counts.get(signature, 0) + 1
                last[signature] = harvest.first + at
        sightings = {one.signature: one for one in harvest.sightings}
        for signature, count in counts.items():
            _tally(self.findings, sightings[signature], count, last[signature], now, new)
        for trouble in harvest.troubles:
            if trouble.run >= harvest.first + end:
                break
            self.figures.unknown = self.figures.unknown or trouble.sentence
            self.figures.costly += any(cost in trouble.sentence for cost in COSTLY)
            name = f"{UNKNOWN}: {trouble.sentence}"
            sighting = Sighting(
                name,
                UNKNOWN,
                trouble.sentence,
                trouble.run,
                trouble.seed,
                self.spec.strategy,
                "",
                trouble.evidence,
            )
            _tally(self.troubles, sighting, 1, trouble.run, now, new)
            seeds = self.troubles[name].seeds
            if len(seeds) < SEEDS:
                seeds.append(trouble.seed)
        return new

    def _limit(self) -> str:
        """Why the entry is over, if one of its limits is met."""
        figures = self.figures
        if figures.costly >= GIVEN_UP:
            figures.unknown += f"; after {figures.costly} such runs the entry was set aside"
            return "set aside"
        limit = self.spec.seconds
        return "budget" if limit is not None and self.figures.seconds >= limit else ""


def without(harvest: Harvest, runs: int) -> Harvest:
    """The harvest without its first runs, of which another one knows already."""
    if not runs:
        return harvest
    first = harvest.first + runs
    codes = harvest.codes[runs:]
    order = list(dict.fromkeys(codes))
    return Harvest(
        first,
        [harvest.kinds[code] for code in order],
        [order.index(code) for code in codes],
        harvest.steps[runs:],
        harvest.times[runs:],
        [one for one in harvest.behaviours if one[0] >= first],
        harvest.sightings,
        [one for one in harvest.troubles if one.run >= first],
        harvest.seconds,
    )


def _tally(
    known: dict[str, Tally], sighting: Sighting, count: int, last: int, now: float, new: list[Tally]
) -> None:
    tally = known.get(sighting.signature)
    if tally is None:
        known[sighting.signature] = tally = Tally(sighting, count, last, now, now)
        new.append(tally)
    else:
        tally.count += count
        tally.last_run = last
        tally.latest = now
