"""What a campaign has caught, by number and grouped by signature over its entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from emu.campaign.account import Account, Tally
from emu.campaign.ledger import Ledger
from emu.campaign.spec import EntrySpec
from emu.campaign.triage import Retelling, retelling
from emu.errors import UsageError
from emu.record.finding import NOT_ALLOWED, STANDINGS
from emu.record.tape import parse_tape


@dataclass(frozen=True)
class Catch:
    """One finding of one entry, or one trouble; `number` is its number in the campaign.

    `told` is what the ledger keeps of it once it was told.
    """

    number: int
    account: Account
    tally: Tally
    told: Retelling | None
    trouble: bool

    @property
    def spec(self) -> EntrySpec:
        """The entry that shows it."""
        return self.account.spec

    @property
    def signature(self) -> str:
        """What it is, whoever shows it."""
        return self.tally.sighted.signature

    @property
    def tape(self) -> str:
        """The simplest tape known; empty for a trouble."""
        return self.tally.sighted.tape if self.told is None else self.told.tape

    @property
    def deviations(self) -> int:
        """How many deviations that has."""
        return len(parse_tape(self.tape)) if self.tape else 0

    @property
    def replays(self) -> bool:
        """Whether its tape gave it again, as far as anybody has tried."""
        return self.told is None or self.told.deviations >= 0

    @property
    def standing(self) -> str:
        """What the entry makes of it, one of `STANDINGS`."""
        sighted = self.tally.sighted
        return self.spec.expect.standing(sighted.kind, sighted.signature)

    def as_row(self) -> dict[str, Any]:
        """The catch for programs."""
        sighted, tally = self.tally.sighted, self.tally
        row: dict[str, Any] = {
            "number": self.number,
            "plan": self.spec.plan,
            "entry": self.spec.name,
            "count": tally.count,
            "runs": self.account.figures.runs,
            "first_run": sighted.run + 1,
            "last_run": tally.last_run + 1,
            "first_time": round(tally.since, 3),
            "last_time": round(tally.latest, 3),
            "seed": sighted.seed,
            "strategy": sighted.strategy,
        }
        if self.trouble:
            return {**row, "seeds": tally.seeds, "evidence": sighted.evidence}
        return {
            **row,
            "standing": self.standing,
            "tape": self.tape,
            "original_tape": sighted.tape,
            "deviations": self.deviations,
            "replays": self.replays,
            "shrunk": self.told is not None and self.told.shrunk,
            "message": None if self.told is None else self.told.message,
        }


@dataclass(frozen=True)
class Group:
    """The catches with one signature, in the order of the entries."""

    catches: tuple[Catch, ...]

    @property
    def signature(self) -> str:
        """What they have in common."""
        return self.catches[0].signature

    @property
    def number(self) -> int:
        """The lowest of their numbers, which stays what it is."""
        return min(one.number for one in self.catches)

    @property
    def count(self) -> int:
        """How many runs have shown it."""
        return sum(one.tally.count for one in self.catches)

    @property
    def runs(self) -> int:
        """How many runs those entries had that show it."""
        return sum(one.account.figures.runs for one in self.catches)

    @property
    def rate(self) -> float:
        """The share of those runs that show it."""
        return self.count / self.runs if self.runs else 0.0

    @property
    def first(self) -> Catch:
        """Where it was seen first."""
        return min(self.catches, key=lambda one: (one.tally.since, one.number))

    @property
    def last(self) -> Catch:
        """Where it was seen last."""
        return max(self.catches, key=lambda one: (one.tally.latest, -one.number))

    @property
    def simplest(self) -> Catch:
        """Where its tape is the simplest."""
        return min(self.catches, key=lambda one: (one.deviations, one.number))

    @property
    def standing(self) -> str:
        """What the entries make of it: the most urgent of `STANDINGS` that any of them has."""
        return max((one.standing for one in self.catches), key=STANDINGS.index)

    @property
    def trouble(self) -> bool:
        """Whether these are troubles."""
        return self.catches[0].trouble


def catches(ledger: Ledger) -> list[Catch]:
    """Everything that was caught, in the order of the entries."""
    made = []
    for number, account in enumerate(ledger.accounts()):
        told = {name: retelling(text) for name, text in ledger.told(number).items()}
        for trouble, table in ((False, account.findings), (True, account.troubles)):
            numbers = ledger.numbers(number, troubles=trouble)
            for signature, tally in table.items():
                known = None if trouble else told.get(signature)
                made.append(Catch(numbers[signature], account, tally, known, trouble))
    return made


def grouped(caught: Sequence[Catch]) -> list[Group]:
    """These by signature; what is not allowed comes first, then the lower numbers."""
    groups: dict[tuple[bool, str], list[Catch]] = {}
    for one in caught:
        groups.setdefault((one.trouble, one.signature), []).append(one)
    made = [Group(tuple(members)) for members in groups.values()]
    return sorted(made, key=lambda group: (group.standing != NOT_ALLOWED, group.number))


def numbered(caught: Sequence[Catch], number: int, where: str) -> Catch:
    """The one with this number; raises `UsageError`."""
    for one in caught:
        if one.number == number:
            return one
    numbers = sorted(one.number for one in caught)
    known = f"it has {numbers[0]} to {numbers[-1]}" if numbers else "it has found nothing"
    raise UsageError(f"there is no finding {number} in {where}; {known}")
