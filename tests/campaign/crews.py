"""A crew inside this process: places that carry out orders at once, and may be lost as told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emu.campaign.campaign import Campaign
from emu.campaign.entry import Entry
from emu.campaign.health import Health
from emu.campaign.ledger import Ledger, create
from emu.campaign.losses import WorkerLost
from emu.campaign.order import Order, Tell, Told, Yield
from emu.campaign.perform import run_shard, tell
from emu.campaign.spec import EntrySpec, spec_of
from emu.campaign.terms import TERMS, Terms
from emu.engine.carrier import Carriers, open_carriers
from emu.engine.scenario import Scenario, setup
from emu.search.edge import Halt

Lose = Callable[[Order], "WorkerLost | None"]


def never(_: Order) -> None:
    """No worker is ever lost."""


@dataclass
class Here:
    """A place in this process. `lose` says which orders cost the worker, before they are done."""

    carriers: Carriers
    health: Health = field(default_factory=lambda: Health("here"))
    lose: Lose = never
    orders: list[Order | Tell] = field(default_factory=list)
    halt: Halt = field(default_factory=Halt)

    async def do(self, order: Order | Tell) -> Yield | Told:
        self.orders.append(order)
        if isinstance(order, Tell):
            return await tell(order, self.carriers, Halt())
        lost = self.lose(order)
        if lost is not None:
            raise lost
        return await run_shard(order, self.carriers, self.halt)

    async def stop(self) -> None:
        self.halt.call()


class Events(list[tuple[str, dict[str, Any]]]):
    """What a campaign reports."""

    def __call__(self, event: str, /, **fields: Any) -> None:
        self.append((event, fields))

    def of(self, event: str) -> list[dict[str, Any]]:
        """The fields of every event of this name."""
        return [fields for name, fields in self if name == event]


def spec(scenario: Scenario, name: str = "", **settings: Any) -> EntrySpec:
    """An entry of a plan that nobody wrote."""
    params = settings.pop("params", {})
    name = name or scenario.name
    return spec_of(Entry(name, f"plan.toml#{name}", setup(scenario, params), **settings), "plan")


def new_ledger(directory: Path, specs: Sequence[EntrySpec]) -> Ledger:
    """A ledger in a directory that is made for it."""
    directory.mkdir(parents=True, exist_ok=True)
    return create(directory, specs, {})


async def work(
    ledger: Ledger,
    *,
    places: int = 1,
    terms: Terms = TERMS,
    lose: Lose = never,
    halt: Halt | None = None,
    events: Events | None = None,
    clock: Callable[[], float] = lambda: 1_000.0,
) -> Campaign:
    """One sitting of a campaign, in this process."""
    campaign = Campaign(
        ledger,
        terms,
        halt or Halt(),
        clock=clock,
        report=Events() if events is None else events,
    )
    async with open_carriers() as carriers:
        await campaign.run([Here(carriers, Health(f"here {n}"), lose) for n in range(places)])
    return campaign
