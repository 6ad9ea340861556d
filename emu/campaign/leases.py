"""Which shard is run next: fair between entries by the work that each has cost so far.

What is leased is known to this process alone. Whatever does not come back is leased again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from emu.campaign.account import Account
from emu.campaign.harvest import Shard
from emu.record.finding import Verdict

TAUGHT_BY: Final = 64
"""How many runs an entry learns from: they are one shard, and no other is leased before."""

WORK: Final = 1.0
"""How many seconds a shard is to take, by what the runs before took."""

AHEAD: Final = 4
"""Of how many shards beyond the first that is missing an entry may be ahead, if it may end soon."""

FAR_AHEAD: Final = 64
"""The same for an entry that ends with its budget."""

WHOLE: Final = 1 << 62
"""More runs than there are: an exhaustive search ends by itself."""

MOST: Final = 20_000
"""The most runs of a shard."""


@dataclass
class _Field:
    """One entry: where its next new shard begins, what came back undone, and what is out."""

    account: Account
    taught: bool
    cursor: int = 0
    back: list[Shard] = field(default_factory=list)
    out: list[Shard] = field(default_factory=list)


class Leases:
    """The shards of a campaign's entries."""

    def __init__(self, accounts: Sequence[Account], taught: Sequence[bool]) -> None:
        self._fields = [_Field(*pair) for pair in zip(accounts, taught, strict=True)]
        for number, one in enumerate(self._fields):
            self._recover(number, one)

    @property
    def out(self) -> list[Shard]:
        """What is leased."""
        return [shard for one in self._fields for shard in one.out]

    @property
    def ready(self) -> bool:
        """Whether there is a shard to lease now."""
        return any(self._of(number, one) is not None for number, one in enumerate(self._fields))

    def next(self) -> Shard | None:
        """Lease the next shard; None when there is none to be had now."""
        best: tuple[tuple[bool, float, int], Shard] | None = None
        for number, one in enumerate(self._fields):
            shard = self._of(number, one)
            if shard is None:
                continue
            ahead = bool(one.out) and one.account.spec.until != "budget"
            key = (ahead, one.account.figures.seconds + WORK * len(one.out), number)
            if best is None or key < best[0]:
                best = (key, shard)
        if best is None:
            return None
        shard = best[1]
        one = self._fields[shard.entry]
        one.out.append(shard)
        if one.back and one.back[0] == shard:
            one.back.pop(0)
        else:
            one.cursor = max(one.cursor, shard.end)
        return shard

    def done(self, shard: Shard, end: int) -> None:
        """The shard is harvested up to the run before `end`; the rest of it comes back."""
        one = self._fields[shard.entry]
        one.out.remove(shard)
        one.taught = True
        if end < shard.end and not one.account.spec.exhaustive:
            self._put(one, Shard(shard.entry, end, shard.end - end))

    def give_back(self, shard: Shard, *, alone: bool = False, suspect: int | None = None) -> None:
        """The shard was not harvested; `alone`: it costs workers, so run it with care.

        If the run that does it is known, the runs before that are run as any others.
        """
        one = self._fields[shard.entry]
        one.out.remove(shard)
        if suspect is not None and one.taught and suspect > shard.first:
            self._put(one, Shard(shard.entry, shard.first, suspect - shard.first))
            shard = Shard(shard.entry, suspect, shard.end - suspect)
        self._put(one, Shard(shard.entry, shard.first, shard.runs, alone or shard.alone))

    def hand_on(self) -> list[int]:
        """Give the runs that some entries did not need to those that are not met; gives whose."""
        accounts = [one.account for one in self._fields]
        spare = sum(
            (one.figures.budget or 0) - one.figures.runs
            for one in accounts
            if one.figures.over in ("met", "saturated", "finding")
        )
        spare -= sum((one.figures.budget or 0) - (one.spec.runs or 0) for one in accounts)
        short = [
            number
            for number, one in enumerate(accounts)
            if one.figures.over == "budget"
            and one.figures.budget is not None
            and one.verdict is not Verdict.MET
        ]
        share = spare // len(short) if short else 0
        if share < 1:
            return []
        for number in short:
            accounts[number].extend(share)
        return short

    def _of(self, number: int, one: _Field) -> Shard | None:
        """The shard that an entry would lease next."""
        account = one.account
        figures = account.figures
        if figures.over or (not one.taught and one.out):
            return None
        if one.back:
            return one.back[0]
        budget = figures.budget
        if account.spec.exhaustive:
            return Shard(number, 0, WHOLE)
        if not one.taught:
            return Shard(number, 0, TAUGHT_BY if budget is None else min(TAUGHT_BY, budget))
        ahead = FAR_AHEAD if account.spec.until == "budget" else AHEAD
        if len(one.out) + len(account.waiting) >= ahead:
            return None
        runs = round(WORK * figures.runs / figures.seconds) if figures.seconds else TAUGHT_BY
        runs = max(1, min(runs, MOST))
        if budget is not None:
            runs = min(runs, budget - one.cursor)
        return Shard(number, one.cursor, runs) if runs > 0 else None

    def _put(self, one: _Field, shard: Shard) -> None:
        one.back.append(shard)
        one.back.sort(key=lambda shard: shard.first)

    def _recover(self, number: int, one: _Field) -> None:
        """Go on where the accounts stand: lease what is missing between what is there."""
        one.cursor = one.account.figures.runs
        for first, harvest in sorted(one.account.waiting.items()):
            if first > one.cursor:
                one.back.append(Shard(number, one.cursor, first - one.cursor))
            one.cursor = max(one.cursor, harvest.end)
