"""Triage: what was found is told, simplest first where nobody expected it.

A finding is told by running it again: that gives its message and its full log. One that the
expectation does not allow is shrunk before; the others are shrunk in the background.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import orjson

from emu.campaign.account import Account, Tally
from emu.campaign.facts import read_json
from emu.campaign.ledger import Ledger
from emu.campaign.order import Tell, Told
from emu.campaign.spec import EntrySpec
from emu.campaign.terms import Terms
from emu.engine.machine import EMU
from emu.record.store import FINDING, HISTORY, StoredFinding, finding_bytes, write_file
from emu.search.shrink import QUICK_RUNS

DIRECTORY: Final = "findings"
LOG: Final = f"{HISTORY}.zst"

TOLD: Final = 20
"""How many findings of one entry are told; any other is told when somebody asks."""

BACKGROUND: Final = 8
"""One job in so many may be one that shrinks in the background, while there are shards."""

TRIES: Final = 3
"""After so many workers lost with one finding it is not tried again."""

UNEXPECTED, EXPECTED, SIMPLER = range(3)


@dataclass(frozen=True)
class Retelling:
    """What the ledger keeps of a finding that was told; `shrunk`: it is as simple as we can."""

    message: str
    tape: str
    deviations: int
    shrunk: bool
    directory: str


@dataclass(frozen=True)
class Telling:
    """An order to tell a finding, and the number of the entry that found it."""

    entry: int
    order: Tell


class Triage:
    """What is still to be told."""

    def __init__(self, ledger: Ledger, accounts: Sequence[Account], terms: Terms) -> None:
        self._ledger = ledger
        self._accounts = accounts
        self._logs = terms.level != "none"
        self._queue: list[tuple[int, int, int, str]] = []
        self._jobs = 0
        self._lost: dict[tuple[int, str], int] = {}
        self.out = 0
        for entry, account in enumerate(accounts):
            told = ledger.told(entry)
            for signature, tally in account.findings.items():
                if signature not in told:
                    self.found(entry, tally)
                elif not retelling(told[signature]).shrunk:
                    self._ask(SIMPLER, entry, signature)

    def found(self, entry: int, tally: Tally) -> None:
        """Something new was found."""
        account, sighted = self._accounts[entry], tally.sighted
        numbers = list(account.findings)
        if numbers.index(sighted.signature) >= TOLD:
            return
        allowed = account.spec.expect.allows(sighted.kind, (sighted.signature,))
        self._ask(EXPECTED if allowed else UNEXPECTED, entry, sighted.signature)

    def next(self, *, idle: bool, ending: bool) -> Telling | None:
        """What to tell next; None: there is better work.

        `idle`: there is no shard to run. `ending`: nor is any being run.
        """
        self._jobs += 1
        if not self._queue or (self.out and not ending):
            return None
        urgent = self._queue[0][0] < SIMPLER
        if not urgent and (ending or not (idle or self._jobs % BACKGROUND == 0)):
            return None
        _, entry, _, signature = heapq.heappop(self._queue)
        self.out += 1
        return Telling(entry, self._order(entry, signature))

    def told(self, telling: Telling, told: Told, *, whole: bool = True) -> None:
        """Save what was told; raises `LogError` when it cannot be.

        Not `whole`: it was stopped, so what was shrunk may not be as simple as it can be.
        """
        self.out -= 1
        entry, order = telling.entry, telling.order
        account = self._accounts[entry]
        tally = account.findings[order.signature]
        directory = self._directory(order.number)
        if self._logs:
            write_file(directory / LOG, told.log)
        stored = stored_of(account.spec, tally, told, LOG if self._logs else "")
        write_file(directory / FINDING, finding_bytes(stored))
        made = Retelling(
            told.message,
            told.tape,
            told.deviations,
            shrunk=(whole and bool(order.shrink)) or not told.deviations,
            directory=f"{DIRECTORY}/{directory.name}",
        )
        self._ledger.tell(entry, order.signature, orjson.dumps(asdict(made)).decode())
        if not made.shrunk:
            self._ask(SIMPLER, entry, order.signature)

    def lost(self, telling: Telling, how: str) -> bool:
        """A worker was lost with it, maybe for reasons of its own; gives whether that is the end.

        It is not while it may be tried again.
        """
        key = telling.entry, telling.order.signature
        self._lost[key] = self._lost.get(key, 0) + 1
        if self._lost[key] >= TRIES:
            self.failed(telling, f"This finding could not be run again: {how}")
            return True
        self.put_back(telling)
        return False

    def put_back(self, telling: Telling) -> None:
        """It is to be told another time."""
        self.out -= 1
        entry, signature = telling.entry, telling.order.signature
        if signature in self._ledger.told(entry):
            self._ask(SIMPLER, entry, signature)
        else:
            self.found(entry, self._accounts[entry].findings[signature])

    def failed(self, telling: Telling, message: str) -> None:
        """It could not be told, which is told instead, unless something was told before."""
        self.out -= 1
        entry, order = telling.entry, telling.order
        known = self._ledger.told(entry).get(order.signature)
        if known is None:
            made = Retelling(message, order.tape, -1, True, "")
        else:
            made = replace(retelling(known), shrunk=True)
        self._ledger.tell(entry, order.signature, orjson.dumps(asdict(made)).decode())

    def _directory(self, number: int) -> Path:
        return self._ledger.directory / DIRECTORY / f"{number:04}"

    def _ask(self, urgency: int, entry: int, signature: str) -> None:
        heapq.heappush(self._queue, (urgency, entry, len(self._queue), signature))

    def _order(self, entry: int, signature: str) -> Tell:
        account = self._accounts[entry]
        tally = account.findings[signature]
        sighted = tally.sighted
        expected = account.spec.expect.allows(sighted.kind, (signature,))
        again = signature in self._ledger.told(entry)
        number = self._ledger.numbers(entry)[signature]
        log = self._directory(number) / LOG
        return Tell(
            spec=account.spec,
            signature=signature,
            tape=sighted.tape,
            first_run=sighted.run,
            strategy=sighted.strategy,
            number=number,
            shrink=QUICK_RUNS if again or not expected else 0,
            log=str(log) if self._logs else "",
        )


def retelling(text: str) -> Retelling:
    """What the ledger keeps, read back."""
    return read_json(text, "told", lambda row: Retelling(**row))


def stored_of(spec: EntrySpec, tally: Tally, told: Told, log: str) -> StoredFinding:
    """A finding of an entry that was told, as its file holds it, with its `log` beside it."""
    made = stored_as(spec, tally, told.message, told.tape)
    return replace(made, sentence=told.finding.sentence, log=log)


def stored_as(spec: EntrySpec, tally: Tally, message: str, tape: str) -> StoredFinding:
    """A finding of an entry as a file holds it, with this message and tape, and no log."""
    sighted = tally.sighted
    return StoredFinding(
        signature=sighted.signature,
        kind=sighted.kind,
        sentence=sighted.sentence,
        message=message,
        target=spec.scenario,
        tape=tape,
        original=sighted.tape,
        seed=sighted.seed,
        strategy=sighted.strategy,
        emu=EMU,
        params=spec.params,
        chaos=spec.chaos,
        watchdog=spec.watchdog,
        count=tally.count,
        first_run=sighted.run + 1,
    )
