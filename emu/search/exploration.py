"""What an exploration has found so far: plain figures, usable while it runs and afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field

from emu.analysis.coverage import Coverage
from emu.analysis.fingerprint import fingerprint_number
from emu.engine.scenario import Setup
from emu.errors import EmuError
from emu.record.finding import OK, UNKNOWN, Expectation, Finding, Verdict
from emu.record.history import History
from emu.record.tape import Tape
from emu.search.answer import Answer, BudgetSpent
from emu.search.start import Learned


@dataclass(slots=True)
class Found:
    """One thing found: its signature, how often, and the first run that showed it."""

    finding: Finding
    first_run: int
    seed: int
    strategy: str
    tape: Tape
    history: History = field(repr=False)
    count: int = 1

    @property
    def signature(self) -> str:
        """Kind, objects and functions: one bug is one row."""
        return self.finding.signature


@dataclass(slots=True)
class Share:
    """What one strategy did in an exploration; `first` maps signatures to its first such run.

    `found` counts those of its runs that found anything, and `new` those that behaved as no
    run before; a rotation keeps the latter.
    """

    runs: int = 0
    steps: int = 0
    found: int = 0
    new: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)


@dataclass
class Exploration:
    """The runs of one setup so far, in the order of their numbers, and what they showed.

    `seconds` is how long it took; `interrupted` says that it was stopped from outside, before
    its budget. `answer` is what an exhaustive search says, and `redundant` how many runs it gave
    up because others cover them, which `runs` does not count; `coverage` has the behaviours, if
    they were asked for. `emulated` is the emulated time of all runs, in ns; `first` is the number
    of the first run, and `learned` what later ones are to know. `broken` is the error of the
    user's that ended it before its time. Everything else depends on setup, strategy, seed and
    the number of runs alone.
    """

    setup: Setup
    strategy: str
    seed: int
    expectation: Expectation
    first: int = 0
    runs: int = 0
    steps: int = 0
    emulated: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    outcomes: dict[str, int] = field(default_factory=dict)
    by_strategy: dict[str, Share] = field(default_factory=dict)
    unknown: str = ""
    redundant: int = 0
    answer: Answer | None = None
    coverage: Coverage | None = None
    learned: Learned | None = None
    broken: EmuError | None = None
    _found: dict[str, Found] = field(default_factory=dict, repr=False)
    _seen: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    @property
    def next_run(self) -> int:
        """The number of the run that is counted next."""
        return self.first + self.runs

    @property
    def findings(self) -> list[Found]:
        """What was found, in the order of the runs that showed it first."""
        return list(self._found.values())

    @property
    def seen(self) -> dict[str, tuple[str, ...]]:
        """The outcomes with the signatures of their findings, as `Expectation.verdict` reads it."""
        return self._seen

    @property
    def verdict(self) -> Verdict:
        """Whether the expectation holds so far; a search that is to decide it must have ended."""
        undecided = self.broken is not None or isinstance(self.answer, BudgetSpent)
        if undecided and not self.settled:
            return Verdict.UNKNOWN
        return self.expectation.verdict(self._seen)

    @property
    def forbidden(self) -> list[Found]:
        """What was found that may not be."""
        allows = self.expectation.allows
        return [one for one in self.findings if not allows(one.finding.kind, (one.signature,))]

    @property
    def shortfall(self) -> str:
        """What must turn up and did not, as a sentence; empty if nothing is missing."""
        missing = self.expectation.missing(self._seen)
        if not missing:
            return ""
        seen = ", ".join(f"{name} {count:,}" for name, count in self.outcomes.items()) or "nothing"
        runs = f"{self.runs:,} run{'' if self.runs == 1 else 's'}"
        return f"{' and '.join(missing)} did not turn up in {runs}, but {seen}"

    def add(self, history: History, seed: int, strategy: str) -> bool:
        """Count the next run; gives whether it found anything. `unknown` keeps the first reason."""
        run = self.next_run
        name = history.outcome.name
        self.runs += 1
        self.steps += history.steps
        self.emulated += history.ending.t
        self.outcomes[name] = self.outcomes.get(name, 0) + 1
        if self.coverage is not None:
            self.coverage.add(fingerprint_number(history))
        share = self.by_strategy.setdefault(strategy, Share())
        share.runs += 1
        share.steps += history.steps
        share.outcomes[name] = share.outcomes.get(name, 0) + 1
        if name == UNKNOWN and not self.unknown:
            self.unknown = history.outcome.reason
        findings = findings_of(history)
        share.found += bool(findings)
        for finding in findings:
            signature = finding.signature
            share.first.setdefault(signature, run)
            known = self._found.get(signature)
            if known is None:
                tape = history.tape
                self._found[signature] = Found(finding, run, seed, strategy, tape, history)
            else:
                known.count += 1
        self._note(name, findings)
        return bool(findings)

    def add_broken(self, strategy: str) -> None:
        """Count the next run, of which nothing is known: emu itself failed."""
        self.runs += 1
        self.outcomes[UNKNOWN] = self.outcomes.get(UNKNOWN, 0) + 1
        share = self.by_strategy.setdefault(strategy, Share())
        share.runs += 1
        share.outcomes[UNKNOWN] = share.outcomes.get(UNKNOWN, 0) + 1
        self.unknown = self.unknown or "emu failed"
        self._note(UNKNOWN, ())

    @property
    def settled(self) -> bool:
        """Whether more runs cannot mend the verdict, or need not: all that must turn up did.

        Where the expectation says that `only` some outcomes may turn up, every run counts.
        """
        expectation, seen = self.expectation, self._seen
        if expectation.refuted(seen):
            return True
        return bool(expectation.some) and expectation.only is None and not expectation.missing(seen)

    def _note(self, outcome: str, findings: tuple[Finding, ...]) -> None:
        seen = self._seen.get(outcome, ())
        new = [one.signature for one in findings if one.signature not in seen]
        if new or outcome not in self._seen:
            self._seen[outcome] = seen + tuple(dict.fromkeys(new))


def findings_of(history: History) -> tuple[Finding, ...]:
    """What a run found: its findings, or else its outcome, unless that is `ok` or unknown."""
    outcome = history.outcome
    if history.findings or outcome.name in (OK, UNKNOWN):
        return history.findings
    return (Finding(outcome.name, outcome.reason or f"the outcome is {outcome.name}"),)
