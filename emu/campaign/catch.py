"""What a campaign has caught, by number and grouped by signature over its entries."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from emu.campaign.account import Tally
from emu.campaign.ledger import Ledger
from emu.campaign.spec import EntrySpec
from emu.campaign.triage import Retelling, retelling
from emu.errors import UsageError
from emu.record.finding import NOT_ALLOWED, STANDINGS
from emu.record.tape import parse_tape


@dataclass(frozen=True)
class Catch:
    """One finding of one entry, or one trouble; `number` is its number in the campaign.

    `spec` is the entry that shows it, the `entry`th, which has `runs` runs. `told` is what the
    ledger keeps of it once it was told.
    """

    number: int
    entry: int
    spec: EntrySpec
    runs: int
    tally: Tally
    told: Retelling | None
    trouble: bool

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
            "runs": self.runs,
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

    def as_brief(self) -> dict[str, Any]:
        """It for programs that list many: what it is, whose, how often, and no long text."""
        sighted, tally = self.tally.sighted, self.tally
        return {
            "number": self.number,
            "trouble": self.trouble,
            "signature": self.signature,
            "kind": sighted.kind,
            "sentence": sighted.sentence,
            "plan": self.spec.plan,
            "entry": self.spec.name,
            "count": tally.count,
            "first_run": sighted.run + 1,
            "first_time": round(tally.since, 3),
            "last_time": round(tally.latest, 3),
            "standing": None if self.trouble else self.standing,
            "deviations": None if self.trouble else self.deviations,
            "told": self.told is not None,
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
        return sum(one.runs for one in self.catches)

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
    return sorted(page_of(ledger), key=attrgetter("entry", "trouble", "number"))


def page_of(ledger: Ledger, after: int = 0, limit: int = -1) -> list[Catch]:
    """What was caught with numbers above `after`, rising; at most `limit`, -1: all of it.

    No other finding is read for it.
    """
    entries: dict[int, tuple[EntrySpec, int]] = {}
    made = []
    for one in ledger.kept(min(after, sys.maxsize), limit):
        if one.entry not in entries:
            entries[one.entry] = ledger.entry(one.entry)
        told = None if one.told is None else retelling(one.told)
        made.append(Catch(one.number, one.entry, *entries[one.entry], one.tally, told, one.trouble))
    return made


def catch_at(ledger: Ledger, number: int) -> Catch:
    """The one with this number, and no other is read; raises `UsageError` if there is none."""
    first, last = ledger.ends()
    made = page_of(ledger, number - 1, 1) if 0 < first <= number <= last else []
    if made and made[0].number == number:
        return made[0]
    raise _none_of(number, str(ledger.directory), (first, last))


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
    numbers = [one.number for one in caught]
    raise _none_of(number, where, (min(numbers, default=0), max(numbers, default=0)))


def _none_of(number: int, where: str, ends: tuple[int, int]) -> UsageError:
    known = f"it has {ends[0]} to {ends[1]}" if ends[0] else "it has found nothing"
    return UsageError(f"there is no finding {number} in {where}; {known}")
