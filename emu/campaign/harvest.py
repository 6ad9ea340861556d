"""A shard and its harvest: a stretch of an entry's runs, and what every one of them gave.

A harvest has a column for each thing that is known of a run, so that it can be cut after any
run: whoever adds harvests up may find that the entry was over in the middle of one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from emu.analysis.fingerprint import fingerprint_number
from emu.record.finding import UNKNOWN
from emu.record.history import History
from emu.search.exploration import findings_of

FINGERPRINTED: Final = 8
"""Of so many runs one has its behaviour counted, unless all are: it costs a tenth of a run."""


@dataclass(frozen=True, slots=True)
class Shard:
    """The runs from `first` on, `runs` of them, of one entry.

    `alone`: one machine after the other, and each run is told before it begins, because one of
    them is under suspicion.
    """

    entry: int
    first: int
    runs: int
    alone: bool = False

    @property
    def end(self) -> int:
        """The first run behind it."""
        return self.first + self.runs


@dataclass(frozen=True, slots=True)
class Kind:
    """How a run may end: its outcome, and the signatures of what it found."""

    outcome: str
    signatures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """The first run of a harvest that showed something: enough to run it again.

    `evidence` is what is known of a run that cannot be run again: its last events, its stacks.
    """

    signature: str
    kind: str
    sentence: str
    run: int
    seed: int
    strategy: str
    tape: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A run that ended without an answer for a fault that is not the program's."""

    run: int
    seed: int
    sentence: str
    evidence: str = ""


@dataclass(slots=True)
class Harvest:
    """What the runs from `first` on gave, one item of each column a run.

    `codes` are indices of `kinds`, `steps` and `times` (emulated, ns) the length of each run.
    `behaviours` has the fingerprints of those runs that were fingerprinted, with their numbers.
    `seconds` is the work that it took.
    """

    first: int
    kinds: list[Kind] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    behaviours: list[tuple[int, int]] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def runs(self) -> int:
        """How many runs it has."""
        return len(self.codes)

    @property
    def end(self) -> int:
        """The first run behind it."""
        return self.first + len(self.codes)

    def add(self, history: History, *, fingerprinted: bool) -> None:
        """The next run."""
        run = self.end
        outcome = history.outcome
        findings = findings_of(history)
        signatures = tuple(one.signature for one in findings)
        for finding, signature in zip(findings, signatures, strict=True):
            if not any(one.signature == signature for one in self.sightings):
                info = history.info
                sighting = Sighting(
                    signature,
                    finding.kind,
                    finding.sentence,
                    run,
                    info.seed,
                    info.strategy,
                    str(history.tape),
                )
                self.sightings.append(sighting)
        if outcome.name == UNKNOWN:
            self.note(run, history.info.seed, outcome.reason)
        if fingerprinted:
            self.behaviours.append((run, fingerprint_number(history)))
        self._add(Kind(outcome.name, signatures), history.steps, history.ending.t)

    def add_unknown(self, seed: int, sentence: str, evidence: str = "") -> None:
        """The next run, of which nothing is known, for the reason that `sentence` gives."""
        self.note(self.end, seed, sentence, evidence)
        self._add(Kind(UNKNOWN), 0, 0)

    def note(self, run: int, seed: int, sentence: str, evidence: str = "") -> None:
        """There was trouble with a run that is added, or is about to be."""
        self.troubles.append(Trouble(run, seed, sentence, evidence))

    def _add(self, kind: Kind, steps: int, time: int) -> None:
        if kind not in self.kinds:
            self.kinds.append(kind)
        self.codes.append(self.kinds.index(kind))
        self.steps.append(steps)
        self.times.append(time)
