"""What was found is told, even if workers are lost with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from emu.campaign.campaign import Campaign
from emu.campaign.ledger import Ledger
from emu.campaign.losses import WorkerLost
from emu.campaign.order import Order, Tell, Told, Yield
from emu.campaign.terms import TERMS
from emu.campaign.triage import Retelling, retelling
from emu.engine.carrier import open_carriers
from emu.search.edge import Halt
from tests.campaign import programs
from tests.campaign.crews import Here, new_ledger, spec


@dataclass
class Unlucky(Here):
    """Is lost with so many orders to tell what was found; those that shrink, if `shrinking`."""

    losses: int = 0
    shrinking: bool = False

    async def do(self, order: Order | Tell) -> Yield | Told:
        if isinstance(order, Tell) and self.losses and bool(order.shrink) == self.shrinking:
            self.losses -= 1
            raise WorkerLost("worker lost: it was killed by SIGKILL")
        return await super().do(order)


async def told(ledger: Ledger, losses: int, *, shrinking: bool = False) -> Retelling:
    campaign = Campaign(ledger, TERMS, Halt(), clock=lambda: 1_000.0)
    async with open_carriers() as carriers:
        await campaign.run([Unlucky(carriers, losses=losses, shrinking=shrinking)])
    (text,) = ledger.told(0).values()
    return retelling(text)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    expected = spec(programs.inversion, strategy="random", runs=64, until="budget")
    others = [spec(programs.calm, str(n), runs=64, until="budget") for n in range(20)]
    return new_ledger(tmp_path, [expected, *others])


async def test_a_finding_is_told_although_two_workers_are_lost_with_it(ledger: Ledger) -> None:
    assert (await told(ledger, 2)).message.startswith("inversion deadlocks\n")


async def test_a_finding_with_which_three_are_lost_says_so(ledger: Ledger) -> None:
    assert (await told(ledger, 3)).message == (
        "This finding could not be run again: worker lost: it was killed by SIGKILL"
    )


async def test_a_worker_lost_while_it_shrinks_costs_only_time(ledger: Ledger) -> None:
    whole = await told(ledger, 1, shrinking=True)

    assert (whole.deviations, whole.shrunk) == (1, True)


async def test_what_was_told_before_is_kept_when_it_cannot_be_shrunk(ledger: Ledger) -> None:
    kept = await told(ledger, 3, shrinking=True)

    assert kept.message.startswith("inversion deadlocks\n")
    assert kept.shrunk
