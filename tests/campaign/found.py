"""Campaigns that have found a lot, without a run: what reads ledgers does not care."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import orjson

from emu.campaign.harvest import Harvest, Kind, Sighting, Trouble
from emu.campaign.ledger import Ledger, create
from emu.campaign.spec import EntrySpec
from emu.campaign.terms import TERMS
from emu.campaign.triage import Retelling
from tests.campaign import programs
from tests.campaign.crews import spec

TAPE = "emu1:2t1#a72e"

FACTS = {
    "emu": "1",
    "began": "5.0",
    "plans": '[["plan","/somewhere/plan.toml"]]',
    "orders": "{}",
    "terms": orjson.dumps(asdict(TERMS)).decode(),
}


def entries(number: int) -> list[EntrySpec]:
    """So many entries, called e0 and so on."""
    return [
        spec(programs.inversion, f"e{one}", runs=1_000, until="budget") for one in range(number)
    ]


def ledger_of(directory: Path, specs: Sequence[EntrySpec]) -> Ledger:
    """A new campaign that anybody may look at."""
    directory.mkdir(parents=True, exist_ok=True)
    return create(directory, specs, FACTS)


def find(ledger: Ledger, entry: int, *names: str, troubles: int = 0, now: float = 10.0) -> None:
    """Count a run for each name that shows `deadlock [name]`, then so many without an answer."""
    account = ledger.accounts()[entry]
    harvest = Harvest(account.figures.runs)
    for name in names:
        signature, run = f"deadlock [{name}]", harvest.end
        harvest.kinds.append(Kind("deadlock", (signature,)))
        sighting = Sighting(
            signature, "deadlock", f"{name} waits", run, 7, "pct:3", "emu1:2t1#a72e"
        )
        harvest.sightings.append(sighting)
        _count(harvest)
    for number in range(troubles):
        harvest.troubles.append(Trouble(harvest.end, 7, f"limit {number}", "a stack"))
        harvest.kinds.append(Kind("unknown"))
        _count(harvest)
    account.add(harvest, now)
    ledger.save(entry, account)


def tell(ledger: Ledger, entry: int, name: str, directory: str = "", tape: str = TAPE) -> None:
    """Tell a finding, with its files in that directory of the campaign."""
    told = Retelling(f"the message of {name}", tape, 1, shrunk=True, directory=directory)
    ledger.tell(entry, f"deadlock [{name}]", orjson.dumps(asdict(told)).decode())


def _count(harvest: Harvest) -> None:
    harvest.codes.append(len(harvest.kinds) - 1)
    harvest.steps.append(10)
    harvest.times.append(100)
