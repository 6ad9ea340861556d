"""The figures of campaigns: what a second worker is worth, and what a long campaign costs.

soak          runs/s of a campaign with two workers over those with one, taken in turn
soak_memory   resident size of the driver and its workers together after `MANY` short runs
              over that after `FEW`, in one campaign
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

import trio

from emu.campaign.campaign import Campaign
from emu.campaign.crew import Worker, open_crew
from emu.campaign.entry import Entry
from emu.campaign.ledger import create
from emu.campaign.spec import spec_of
from emu.campaign.terms import TERMS
from emu.engine.scenario import setup
from emu.scenarios.classics import lock_order_inversion, philosophers
from emu.search.edge import Halt

ROUNDS: Final = 5
WARM: Final = 3.0
WINDOW: Final = 8.0
FEW: Final = 50_000
MANY: Final = 1_000_000
PROGRAMS: Final = (lock_order_inversion, philosophers)


@dataclass
class Watched:
    """A campaign at work, and the workers that it has."""

    campaign: Campaign
    crew: list[Worker] = field(default_factory=list)

    @property
    def runs(self) -> int:
        return sum(account.figures.runs for account in self.campaign.accounts)

    def resident(self) -> int:
        """Bytes of the driver and its workers, in memory."""
        page = os.sysconf("SC_PAGE_SIZE")
        pids = [os.getpid(), *(worker.health.pid for worker in self.crew)]
        return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page for pid in pids)


async def campaign(workers: int, look: Callable[[Watched], Any]) -> None:
    """An endless campaign with so many workers, until `look`, which is async, has seen enough."""
    halt = Halt()
    with tempfile.TemporaryDirectory() as directory:
        specs = [
            spec_of(Entry(one.name, one.name, setup(one), runs=None, until="budget"), "bench")
            for one in PROGRAMS
        ]
        ledger = create(Path(directory), specs, {})
        made = Campaign(ledger, TERMS, halt, clock=time.time)
        watched = Watched(made)
        async with open_crew(workers) as crew, trio.open_nursery() as nursery:
            watched.crew = crew
            nursery.start_soon(made.run, crew)
            await look(watched)
            halt.call()
        ledger.close()


async def pace(workers: int) -> float:
    """Runs a second that are counted, once all is under way."""
    rates: list[float] = []

    async def look(watched: Watched) -> None:
        await trio.sleep(WARM)
        runs, began = watched.runs, time.perf_counter()
        await trio.sleep(WINDOW)
        rates.append((watched.runs - runs) / (time.perf_counter() - began))

    await campaign(workers, look)
    return rates[0]


def workers() -> dict[str, Any]:
    """What a second worker is worth."""
    pairs = [(trio.run(pace, 1), trio.run(pace, 2)) for _ in range(ROUNDS)]
    return {
        "ratio": median(two / one for one, two in pairs),
        "one_per_s": median(one for one, _ in pairs),
        "two_per_s": median(two for _, two in pairs),
    }


def soak_memory() -> dict[str, Any]:
    """What a long campaign costs."""
    sizes: dict[int, int] = {}

    async def look(watched: Watched) -> None:
        for runs in (FEW, MANY):
            while watched.runs < runs:  # noqa: ASYNC110  # nobody tells
                await trio.sleep(0.2)
            sizes[runs] = watched.resident()

    trio.run(campaign, 2, look)
    return {
        "ratio": sizes[MANY] / sizes[FEW],
        "KiB_after_50_000": sizes[FEW] // 1024,
        "KiB_after_1_000_000": sizes[MANY] // 1024,
    }
