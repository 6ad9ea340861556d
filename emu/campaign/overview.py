"""A campaign at a glance: for the live view, for `status`, for programs.

It is made from what the process at work knows, or from the ledger, by another one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from emu.campaign.account import Account
from emu.campaign.facts import read_fact
from emu.campaign.forecast import forecast, work_left
from emu.campaign.ledger import Ledger, view
from emu.campaign.ledgerlock import holder
from emu.campaign.opening import plans_of, terms_of
from emu.campaign.pulse import LATEST, Pulse, pulse_of
from emu.campaign.terms import Terms
from emu.record.finding import Verdict

STALE: Final = 2 * LATEST
"""A pulse that is older than so many seconds was taken before the process began that works now."""

NEWEST: Final = 5
"""How many of the findings are named: the latest."""


@dataclass(frozen=True)
class Standing:
    """How an entry gets on.

    `seconds` is the work that it has cost, `emulated` in ns. `verdict` is `Account.verdict`,
    `so_far` that of the runs up to now, if no more came. `expected` says in words what should come
    of it. `workers` is how many are at it. `chance` is that of a new behaviour in the next run;
    None: nobody knows yet. It is over in `left` seconds at most; None: nobody knows.
    """

    plan: str
    name: str
    runs: int
    budget: int | None
    steps: int
    emulated: int
    seconds: float
    outcomes: dict[str, int]
    verdict: Verdict
    so_far: Verdict
    over: str
    reason: str
    workers: int
    behaviours: int
    chance: float | None
    findings: int
    troubles: int
    left: float | None
    expected: str = ""

    def as_row(self) -> dict[str, Any]:
        """The entry for programs."""
        chance = self.chance
        return {
            "plan": self.plan,
            "entry": self.name,
            "runs": self.runs,
            "budget": self.budget,
            "steps": self.steps,
            "emulated_seconds": self.emulated / 1e9,
            "work_seconds": round(self.seconds, 3),
            "outcomes": self.outcomes,
            "met": self.verdict.as_json,
            "met_so_far": self.so_far.as_json,
            "over": self.over or None,
            "reason": self.reason,
            "expected": self.expected,
            "workers": self.workers,
            "behaviours": self.behaviours,
            "new_per_1000": None if chance is None else round(1000 * chance, 3),
            "findings": self.findings,
            "troubles": self.troubles,
            "seconds_left": self.left,
        }


@dataclass(frozen=True)
class Newest:
    """A finding, or a trouble, that turned up lately; `run` counts from 1."""

    time: float
    number: int
    signature: str
    plan: str
    entry: str
    run: int
    trouble: bool
    allowed: bool


@dataclass(frozen=True)
class Overview:
    """A campaign at one moment, `time` (seconds since the epoch).

    `holder` is the process that works on it; empty: none does. `seconds` is the real time that it
    has taken, and `left` what it still takes, at most; None: nobody knows.
    """

    plans: tuple[str, ...]
    directory: str
    holder: str
    time: float
    seconds: float
    pulse: Pulse
    entries: tuple[Standing, ...]
    newest: tuple[Newest, ...]
    left: float | None

    @property
    def runs(self) -> int:
        """How many runs are counted."""
        return sum(one.runs for one in self.entries)

    @property
    def steps(self) -> int:
        """How many steps they had."""
        return sum(one.steps for one in self.entries)

    @property
    def emulated(self) -> int:
        """How much time they have emulated, in ns."""
        return sum(one.emulated for one in self.entries)

    @property
    def over(self) -> int:
        """How many entries are over."""
        return sum(bool(one.over) for one in self.entries)

    @property
    def findings(self) -> int:
        """How many findings there are; one that several entries show counts in each."""
        return sum(one.findings for one in self.entries)

    @property
    def troubles(self) -> int:
        """How many troubles there are."""
        return sum(one.troubles for one in self.entries)

    def count(self, verdict: Verdict) -> int:
        """How many entries have this verdict by now."""
        return sum(one.verdict is verdict for one in self.entries)

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of the entries, as for a campaign."""
        for verdict in (Verdict.NOT_MET, Verdict.UNKNOWN):
            if self.count(verdict):
                return verdict
        return Verdict.MET

    @property
    def state(self) -> str:
        """What goes on, in a few words for programs: `running`, or why it does not."""
        if self.holder:
            return "running"
        return self.pulse.ended or "killed"

    @property
    def resumable(self) -> bool:
        """Whether nobody works on it, although it is not done."""
        return not self.holder and self.over < len(self.entries)

    def as_row(self) -> dict[str, Any]:
        """The campaign for programs."""
        names = [one.name for one in self.entries]
        return {
            "plans": list(self.plans),
            "directory": self.directory,
            "state": self.state,
            "process": int(self.holder) if self.holder.isdigit() else None,
            "time": round(self.time, 3),
            "seconds": round(self.seconds, 3),
            "seconds_left": self.left,
            "runs": self.runs,
            "steps": self.steps,
            "emulated_seconds": self.emulated / 1e9,
            "runs_per_second": self.pulse.runs_per_second if self.holder else 0.0,
            "steps_per_second": self.pulse.steps_per_second if self.holder else 0.0,
            "met": self.verdict.as_json,
            "over": self.over,
            "entries": [one.as_row() for one in self.entries],
            "pulse_time": self.pulse.time,
            "workers": [
                {**asdict(one), "entry": None if one.entry is None else names[one.entry]}
                for one in self.pulse.workers
            ],
            "newest": [asdict(one) for one in self.newest],
        }


def look(directory: Path, now: float) -> Overview:
    """The campaign in `directory`, by its ledger; raises as `ledger.view` does."""
    who = holder(directory)
    ledger = view(directory)
    try:
        facts = ledger.facts()
        pulse = pulse_of(facts) or Pulse(read_fact(facts, "began", float))
        seconds = read_fact(facts, "seconds", float) if "seconds" in facts else 0.0
        if who and not pulse.ended:
            seconds += min(max(0.0, now - pulse.time), STALE)
        return overview(ledger, ledger.outlines(), pulse, seconds=seconds, now=now, who=who)
    finally:
        ledger.close()


def overview(
    ledger: Ledger,
    accounts: Sequence[Account],
    pulse: Pulse,
    *,
    seconds: float,
    now: float,
    who: str,
) -> Overview:
    """These accounts at a glance, while process `who` works on them (empty: none does).

    What they found is read from the ledger, without reading all of it: outlines are enough.
    """
    counts = ledger.counts()
    facts = ledger.facts()
    terms = terms_of(facts)
    at_work = Counter(one.entry for one in pulse.workers if who)
    lefts = _lefts(accounts, terms, len(pulse.workers), seconds) if who else [None] * len(accounts)
    known = [left for left in lefts if left is not None]
    return Overview(
        plans=tuple(name for name, _ in plans_of(facts)),
        directory=str(ledger.directory),
        holder=who,
        time=now,
        seconds=seconds,
        pulse=pulse,
        entries=tuple(
            _standing(
                account,
                at_work[number],
                lefts[number],
                findings=counts.get((number, False), 0),
                troubles=counts.get((number, True), 0),
            )
            for number, account in enumerate(accounts)
        ),
        newest=_newest(ledger, accounts),
        left=max(known) if len(known) == len(lefts) and known else None,
    )


def _lefts(
    accounts: Sequence[Account], terms: Terms, workers: int, seconds: float
) -> list[float | None]:
    """Until when each entry may go on, in seconds."""
    most = math.inf if terms.seconds is None else max(0.0, terms.seconds - seconds)
    spent = [one.figures.seconds for one in accounts]
    lefts = forecast(spent, work_left(accounts), max(1, workers))
    return [None if math.isinf(left) else round(left, 1) for left in (min(most, x) for x in lefts)]


def _standing(
    account: Account, workers: int, left: float | None, *, findings: int, troubles: int
) -> Standing:
    spec, figures = account.spec, account.figures
    estimate = account.sample.estimate
    return Standing(
        plan=spec.plan,
        name=spec.name,
        runs=figures.runs,
        budget=figures.budget,
        steps=figures.steps,
        emulated=figures.emulated,
        seconds=figures.seconds,
        outcomes=dict(figures.outcomes),
        verdict=account.verdict,
        so_far=spec.expect.verdict(account.seen),
        over=figures.over,
        reason=figures.unknown,
        workers=workers,
        behaviours=estimate.behaviours,
        chance=estimate.chance if estimate.runs else None,
        findings=findings,
        troubles=troubles,
        left=left,
        expected=str(spec.expect),
    )


def _newest(ledger: Ledger, accounts: Sequence[Account]) -> tuple[Newest, ...]:
    """The latest findings and troubles, the latest first."""
    newest = []
    for one in ledger.newest(NEWEST):
        spec, sighted = accounts[one.entry].spec, one.tally.sighted
        newest.append(
            Newest(
                time=one.tally.since,
                number=one.number,
                signature=sighted.signature,
                plan=spec.plan,
                entry=spec.name,
                run=sighted.run + 1,
                trouble=one.trouble,
                allowed=not one.trouble and spec.expect.allows(sighted.kind, (sighted.signature,)),
            )
        )
    return tuple(newest)
