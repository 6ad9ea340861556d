"""What became of the entries of a campaign, for tables, for messages, and for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emu.campaign.account import Account, Tally
from emu.campaign.ledger import Ledger
from emu.campaign.opening import plans_of
from emu.campaign.triage import Retelling, retelling
from emu.record.finding import EXPECTED, NOT_ALLOWED, Verdict, worst
from emu.search.answer import NAMES, Exhausted


@dataclass(frozen=True)
class Summary:
    """One entry: its account, and what its findings have to say, by their signatures.

    `numbers` are those of the findings in the campaign.
    """

    account: Account
    told: dict[str, Retelling]
    numbers: dict[str, int]

    @property
    def name(self) -> str:
        """The entry's name."""
        return self.account.spec.name

    @property
    def verdict(self) -> Verdict:
        """Whether its expectation is met."""
        return self.account.verdict

    @property
    def wanted(self) -> list[Tally]:
        """The findings that the expectation says must turn up."""
        return self._those(EXPECTED)

    @property
    def forbidden(self) -> list[Tally]:
        """The findings that may not be."""
        return self._those(NOT_ALLOWED)

    def _those(self, standing: str) -> list[Tally]:
        of = self.account.spec.expect.standing
        return [
            one
            for one in self.account.findings.values()
            if of(one.sighted.kind, one.sighted.signature) == standing
        ]

    @property
    def first_found(self) -> int | None:
        """The run, from 1, that first showed what must turn up, or else what may not."""
        findings = self.wanted if self.account.spec.expect.some else self.forbidden
        return min((one.sighted.run + 1 for one in findings), default=None)

    @property
    def shortfall(self) -> str:
        """What must turn up and did not, as a sentence; empty if nothing is missing."""
        account = self.account
        missing = account.spec.expect.missing(account.seen)
        if not missing:
            return ""
        figures = account.figures
        seen = ", ".join(f"{name} {count:,}" for name, count in figures.outcomes.items())
        runs = f"{figures.runs:,} run{'' if figures.runs == 1 else 's'}"
        return f"{' and '.join(missing)} did not turn up in {runs}, but {seen or 'nothing'}"

    def message(self, tally: Tally) -> str:
        """The message of a finding; where it is not told yet, how to have it told."""
        sighted = tally.sighted
        known = self.told.get(sighted.signature)
        if known is not None and known.message:
            return known.message
        target = self.account.spec.target
        return f"{sighted.sentence}\n\n  replay  emu replay '{target}' {sighted.tape}"

    def tape(self, tally: Tally) -> str:
        """The simplest tape known of a finding."""
        known = self.told.get(tally.sighted.signature)
        return tally.sighted.tape if known is None else known.tape

    def as_row(self) -> dict[str, Any]:
        """The shape that `explore --json` and each entry of `soak --json` share."""
        spec, figures = self.account.spec, self.account.figures
        estimate = self.account.sample.estimate
        return {
            "scenario": spec.scenario,
            "params": spec.params,
            "strategy": spec.strategy,
            "seed": spec.seed,
            "runs": figures.runs,
            "steps": figures.steps,
            "seconds": round(figures.seconds, 3),
            "outcomes": figures.outcomes,
            "met": self.verdict.as_json,
            "first_found": self.first_found,
            "shortfall": self.shortfall or None,
            "over": figures.over or None,
            "unknown": figures.unknown or None,
            "answer": figures.answer or None,
            "exhausted": figures.answer == NAMES[Exhausted] if figures.answer else None,
            "bound": figures.bound,
            "behaviours": estimate.behaviours,
            "estimate": estimate.as_row(),
            "findings": [
                {
                    "signature": one.sighted.signature,
                    "kind": one.sighted.kind,
                    "standing": spec.expect.standing(one.sighted.kind, one.sighted.signature),
                    "message": self.message(one),
                    "count": one.count,
                    "first_run": one.sighted.run + 1,
                    "seed": one.sighted.seed,
                    "tape": self.tape(one),
                    "original_tape": one.sighted.tape,
                }
                for one in self.account.findings.values()
            ],
            "troubles": [
                {
                    "signature": one.sighted.signature,
                    "count": one.count,
                    "first_run": one.sighted.run + 1,
                    "seeds": one.seeds,
                }
                for one in self.account.troubles.values()
            ],
        }


def summaries(ledger: Ledger) -> list[Summary]:
    """What became of every entry, by the ledger."""
    return [
        Summary(
            account,
            {name: retelling(text) for name, text in ledger.told(number).items()},
            ledger.numbers(number),
        )
        for number, account in enumerate(ledger.accounts())
    ]


def campaign_row(ledger: Ledger, *, interrupted: bool) -> dict[str, Any]:
    """What `soak --json` prints of a campaign, by its ledger."""
    facts = ledger.facts()
    made = summaries(ledger)
    return {
        "plans": [name for name, _ in plans_of(facts)],
        "directory": str(ledger.directory),
        "seconds": float(facts.get("seconds", "0")),
        "entries": [
            {"plan": one.account.spec.plan, "entry": one.name, **one.as_row()} for one in made
        ],
        "met": worst(one.verdict for one in made).as_json,
        "interrupted": interrupted,
    }
