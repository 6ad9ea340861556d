"""Places that come and go while a campaign works."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import trio

from emu.campaign.campaign import Campaign
from emu.campaign.health import Health
from emu.campaign.ledger import Ledger
from emu.campaign.losses import WorkerLost
from emu.campaign.order import Order, Tell, Told, Yield
from emu.campaign.terms import TERMS
from emu.engine.carrier import Carriers, open_carriers
from emu.errors import UsageError
from emu.search.edge import Halt
from tests.campaign import programs
from tests.campaign.crews import Here, new_ledger, spec


class Leaving(Here):
    """A place that is lost, for good, with its third order."""

    async def do(self, order: Order | Tell) -> Yield | Told:
        if len(self.orders) == 2:
            self.health.gone = True
            raise WorkerLost("worker lost: for good")
        return await super().do(order)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = [
        spec(programs.inversion, runs=300, until="budget"),
        spec(programs.calm, runs=300, until="budget"),
    ]
    return new_ledger(tmp_path / "c", made)


async def work(
    ledger: Ledger,
    first: list[Callable[[Carriers], Here]],
    joining: Callable[[Carriers], AsyncIterator[Here]],
    halt: Halt | None = None,
) -> Campaign:
    campaign = Campaign(ledger, TERMS, halt or Halt(), clock=lambda: 1_000.0)
    async with open_carriers() as carriers:
        await campaign.run([make(carriers) for make in first], joining(carriers))
    return campaign


async def test_a_place_that_joins_late_does_what_is_left(ledger: Ledger) -> None:
    late: list[Here] = []

    async def joining(carriers: Carriers) -> AsyncIterator[Here]:
        late.append(Here(carriers, Health("late")))
        yield late[0]
        await trio.sleep_forever()

    campaign = await work(ledger, [], joining)

    assert [one.figures.runs for one in campaign.accounts] == [300, 300]
    assert late[0].orders


async def test_what_a_place_that_left_had_in_hand_is_done_by_others(ledger: Ledger) -> None:
    async def joining(carriers: Carriers) -> AsyncIterator[Here]:
        while True:
            yield Leaving(carriers)
            await trio.sleep(0.01)

    campaign = await work(ledger, [Leaving], joining)

    assert [one.figures.runs for one in campaign.accounts] == [300, 300]
    assert not any(one.troubles for one in campaign.accounts)


async def test_a_place_that_left_is_given_nothing(ledger: Ledger) -> None:
    places: list[Leaving] = []

    async def joining(carriers: Carriers) -> AsyncIterator[Here]:
        while True:
            places.append(Leaving(carriers))
            yield places[-1]
            await trio.sleep(0.01)

    await work(ledger, [], joining)

    assert max(len(place.orders) for place in places) == 2


async def test_a_halt_ends_a_campaign_that_has_no_place_at_all(ledger: Ledger) -> None:
    halt = Halt()

    async def joining(carriers: Carriers) -> AsyncIterator[Here]:
        halt.call()
        await trio.sleep(30)
        yield Here(carriers)

    campaign = await work(ledger, [], joining, halt)

    assert campaign.interrupted


async def test_a_campaign_whose_places_cannot_be_had_says_why(ledger: Ledger) -> None:
    async def joining(carriers: Carriers) -> AsyncIterator[Here]:
        yield Here(carriers)
        raise UsageError("the cluster is gone")

    campaign = await work(ledger, [], joining)

    assert campaign.failure == "the cluster is gone"
