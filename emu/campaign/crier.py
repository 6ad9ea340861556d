"""Cries out what happens in a campaign, to whoever wants to be told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from emu.campaign.account import Account, Tally
from emu.campaign.ledger import Ledger


class Report(Protocol):
    """Is told what happens: its name, and fields that are plain values."""

    def __call__(self, event: str, /, **fields: Any) -> object:
        """Take note."""


class Crier:
    """Says of each event which entry it is of. Runs count from 1 in what it says."""

    def __init__(self, ledger: Ledger, accounts: Sequence[Account], report: Report | None) -> None:
        self._ledger = ledger
        self._accounts = accounts
        self._report = report

    def say(self, event: str, number: int, **fields: Any) -> None:
        """Report what happened with an entry."""
        if self._report is not None:
            spec = self._accounts[number].spec
            self._report(event, plan=spec.plan, entry=spec.name, **fields)

    def over(self, number: int) -> None:
        """An entry is over, and why."""
        account = self._accounts[number]
        figures, met = account.figures, account.verdict.as_json
        self.say(
            "over",
            number,
            why=figures.over,
            met=met,
            reason=figures.unknown or None,
            runs=figures.runs,
            seconds=round(figures.seconds, 3),
            outcomes=dict(figures.outcomes),
        )

    def found(self, number: int, tally: Tally, *, trouble: bool) -> None:
        """Something is seen for the first time: a finding, or trouble."""
        sighted = tally.sighted
        self.say(
            "trouble" if trouble else "found",
            number,
            finding=self._ledger.numbers(number, troubles=trouble)[sighted.signature],
            signature=sighted.signature,
            run=sighted.run + 1,
            seed=sighted.seed,
        )
