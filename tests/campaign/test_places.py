"""Places that come and go while a campaign works."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trio

from emu.campaign.campaign import Campaign
from emu.campaign.health import Health
from emu.campaign.ledger import Ledger
from emu.campaign.losses import WorkerLost
from emu.campaign.order import Order, Tell, Told, Yield
from emu.campaign.terms import TERMS
from emu.campaign.triage import retelling
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
    joining: Callable[[Carriers], AsyncIterator[Here]] | None = None,
    halt: Halt | None = None,
) -> Campaign:
    campaign = Campaign(ledger, TERMS, halt or Halt(), clock=lambda: 1_000.0)
    async with open_carriers() as carriers:
        places = [make(carriers) for make in first]
        await campaign.run(places, None if joining is None else joining(carriers))
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


OFTEN = 4
"""So many losses, one side by side and three alone, set an entry aside that is to blame."""


class Unable:
    """Places at which no worker can work; each leaves, and comes again, until it can after all."""

    def __init__(self, losses: float = math.inf, order: type[Order | Tell] | None = None) -> None:
        self.losses = losses
        self.order = order
        self.lost = 0
        self.often = trio.Event()

    def place(self, carriers: Carriers) -> Here:
        return Broken(carriers, Health("broken"), unable=self)

    async def joining(self, carriers: Carriers) -> AsyncIterator[Here]:
        while self.lost < self.losses:
            yield (place := self.place(carriers))
            while not place.health.gone:  # noqa: ASYNC110  # the campaign tells nobody
                await trio.sleep(0.001)
        yield Here(carriers)
        await trio.sleep_forever()


@dataclass
class Broken(Here):
    """One of them; it cannot carry out any order, or none of this kind."""

    unable: Unable = field(default_factory=Unable)

    async def do(self, order: Order | Tell) -> Yield | Told:
        if not isinstance(order, self.unable.order or (Order, Tell)):
            return await super().do(order)
        self.orders.append(order)
        self.unable.lost += 1
        if self.unable.lost >= OFTEN:
            self.unable.often.set()
        await trio.lowlevel.checkpoint()
        raise WorkerLost("worker lost: no room", unable=True)


@dataclass
class Slow(Here):
    """A place whose first answer takes until others have been lost often."""

    others: Unable = field(default_factory=Unable)

    async def do(self, order: Order | Tell) -> Yield | Told:
        await self.others.often.wait()
        return await super().do(order)


async def test_a_place_where_no_worker_can_work_sets_no_entry_aside(ledger: Ledger) -> None:
    unable = Unable()
    campaign = await work(ledger, [lambda carriers: Slow(carriers, others=unable)], unable.joining)

    assert not campaign.failure
    assert [one.figures.runs for one in campaign.accounts] == [300, 300]
    assert [one.figures.over for one in campaign.accounts] == ["budget", "budget"]


async def test_workers_that_work_go_on_without_one_that_cannot(ledger: Ledger) -> None:
    unable = Unable()
    campaign = await work(ledger, [unable.place, Here])

    assert (unable.lost, campaign.failure) == (1, "")
    assert [one.figures.runs for one in campaign.accounts] == [300, 300]


async def test_a_campaign_with_no_place_where_a_worker_can_work_has_failed(ledger: Ledger) -> None:
    campaign = await work(ledger, [], Unable().joining)

    assert campaign.failure == "no worker gave a single run: worker lost: no room"
    assert [one.figures.over for one in ledger.accounts()] == ["", ""]


async def test_a_place_that_joins_after_one_that_cannot_work_does_it_all(ledger: Ledger) -> None:
    campaign = await work(ledger, [], Unable(2).joining)

    assert [one.figures.runs for one in campaign.accounts] == [300, 300]


async def test_a_campaign_whose_last_worker_can_work_no_more_has_failed(ledger: Ledger) -> None:
    def lose(order: Order) -> WorkerLost | None:
        return WorkerLost("worker lost: no room", unable=True) if order.shard.first else None

    campaign = await work(ledger, [lambda carriers: Here(carriers, lose=lose)])

    assert campaign.failure == "worker lost: no room"
    assert [one.figures.over for one in ledger.accounts()] == ["", ""]


async def test_a_finding_is_told_by_the_place_that_can(ledger: Ledger) -> None:
    await work(ledger, [], Unable(4, Tell).joining)
    (text,) = ledger.told(0).values()

    assert retelling(text).message.startswith("inversion deadlocks\n")
