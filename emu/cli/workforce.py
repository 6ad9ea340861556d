"""Who does the work of a soak: processes on this machine, or a Dask cluster."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emu.campaign.campaign import Campaign
from emu.campaign.crew import memory_share, open_crew
from emu.campaign.terms import bytes_from
from emu.cli.streams import note
from emu.errors import UsageError

if TYPE_CHECKING:
    from emu.campaign.cluster import Cluster


@dataclass(frozen=True)
class Workforce:
    """So many workers, each with so many bytes of memory; of a cluster, those that it has now."""

    workers: int
    memory: int
    cluster: Cluster | None = None

    async def work(self, campaign: Campaign) -> None:
        """Work on a campaign until it ends."""
        if self.cluster is not None:
            await campaign.run([], self.cluster.places(note))
            return
        async with open_crew(self.workers, self.memory) as crew:
            await campaign.run(crew)


@contextmanager
def workforce(on: str | None, workers: str | None, memory: str | None) -> Iterator[Workforce]:
    """Whom the options --on, --workers and --memory ask for; raises `UsageError`."""
    most = 0 if memory is None else bytes_from(memory, "--memory")
    if on is None:
        number = len(os.sched_getaffinity(0)) if workers is None else whole_number(workers)
        yield Workforce(number, most or memory_share(number))
        return
    if workers is not None:
        raise UsageError("--workers is for this machine; a cluster given by --on has its own")
    from emu.campaign.cluster import connect

    with closing(connect(on, most)) as cluster:
        yield Workforce(cluster.threads, most, cluster)


def whole_number(text: str) -> int:
    """What --workers says; raises `UsageError`."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise UsageError(f"--workers is {text!r}; allowed is a whole number from 1")
    return int(text)
