"""Lost workers: which run it was, how often, and what is known of it.

A worker may be lost for reasons of its own: a machine is short of memory, somebody kills it. So
its shard is run again, its runs one after the other, each told before it begins. A run under
which another worker is lost is under suspicion; the next worker begins with it, and if that is
lost as well, the run is to blame, and is not made again.

Where workers are lost before any run begins, the entry is to blame, but only if workers can work
here at all: one of them must have given runs, of whatever entry. Where the worker itself says that
it cannot work, or none can be started, it is the place that is to blame, and no entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from emu.campaign.harvest import Shard
from emu.errors import UsageError

CERTAIN: Final = 2
"""A run that cost so many workers while it was alone is to blame."""

PATIENCE: Final = 3
"""After so many workers in a row that were lost before any run began, an entry is set aside.

After as many in a row a place that none can work at is taken for one that stays so.
"""


@dataclass
class WorkerLost(Exception):
    """A worker ended, or was ended, in the middle of an order.

    `how` is a sentence; `run` and `seed` are those of the run that was under way, where it was
    made alone, and `events` its last events as lines of the log. `stack` has the lines of a hung
    worker's stacks. `unable`: no worker can work where it was, whatever it is to do; there is no
    room for its process, or not the memory that it needs before any run.
    """

    how: str
    run: int | None = None
    seed: int | None = None
    events: tuple[str, ...] = ()
    stack: tuple[str, ...] = ()
    unable: bool = False

    def __str__(self) -> str:
        return self.how

    @property
    def evidence(self) -> str:
        """What is known of it, as text."""
        parts = []
        if self.events:
            parts.append("The last events known:\n" + "\n".join(self.events))
        if self.stack:
            parts.append("What it said last:\n" + "\n".join(self.stack))
        return "\n\n".join(parts)


class NoWorker(UsageError):
    """No worker can be started here: the system has no room for one more process."""


class Losses:
    """What one sitting of a campaign knows of workers lost, by the number of the entry.

    `futile` is a sentence while workers were lost and none has given any run; empty otherwise.
    """

    def __init__(self) -> None:
        self.futile = ""
        self._worked = False
        self._unable: dict[str, int] = {}
        self._count: dict[tuple[int, int], int] = {}
        self._early: dict[int, int] = {}
        self._blamed: dict[int, dict[int, tuple[str, str]]] = {}

    def add(self, shard: Shard, lost: WorkerLost) -> int | None:
        """A worker was lost with this shard; gives the run under suspicion, if there is one."""
        self._despair(lost)
        if not shard.alone:
            return None
        run = lost.run
        if run is None:
            self._early[shard.entry] = self._early.get(shard.entry, 0) + 1
            return None
        key = shard.entry, run
        self._count[key] = self._count.get(key, 0) + 1
        if self._count[key] >= CERTAIN:
            self._blamed.setdefault(shard.entry, {})[run] = (lost.how, lost.evidence)
        return run

    def add_unable(
        self, place: str, lost: WorkerLost, others: Sequence[str], *, joining: bool
    ) -> str:
        """No worker could work at this place; gives why the campaign fails, if it does.

        It does when no place is left, of the `others` neither. Where places are `joining`, this
        one may come again and be able, and another may come: so it is given up only after some
        tries, and only while no place has given any run.
        """
        self._despair(lost)
        self._unable[place] = self._unable.get(place, 0) + 1
        tries = PATIENCE if joining else 1
        if any(self._unable.get(name, 0) < tries for name in (place, *others)):
            return ""
        return self.futile if joining else self.futile or lost.how

    def work_done(self, entry: int) -> None:
        """Some of the entry's work was done: what its workers were lost for was not the entry."""
        self._early.pop(entry, None)
        self._worked = True
        self.futile = ""

    def hopeless(self, entry: int) -> bool:
        """Whether an entry costs workers before any of its runs begins."""
        return self._early.get(entry, 0) >= PATIENCE

    def blamed(self, shard: Shard) -> Mapping[int, tuple[str, str]]:
        """The runs of a shard that are not made again: how each cost workers, and what is known."""
        known = self._blamed.get(shard.entry, {})
        return {run: said for run, said in known.items() if shard.first <= run < shard.end}

    def suspect(self, shard: Shard) -> int | None:
        """The run of a shard that is under suspicion."""
        blamed = self._blamed.get(shard.entry, {})
        for entry, run in self._count:
            if entry == shard.entry and shard.first <= run < shard.end and run not in blamed:
                return run
        return None

    def _despair(self, lost: WorkerLost) -> None:
        if not self._worked:
            self.futile = f"no worker gave a single run: {lost.how}"
