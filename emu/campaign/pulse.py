"""The pulse of a campaign: what only the process that works on it knows, for others to read.

It is in the ledger, a second or two old while somebody works on the campaign.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import orjson

from emu.campaign.facts import read_fact
from emu.campaign.health import Health

FACT: Final = "pulse"
"""The name of the fact."""

EVERY: Final = 1.0
"""It is written with what is saved anyway, but only once in so many seconds."""

LATEST: Final = 2.0
"""When nothing is saved for so many seconds, it is written by itself."""


@dataclass(frozen=True)
class WorkerPulse:
    """A worker: since how many seconds it is busy with what, and for how long it has been silent.

    The rest is as in `health.Health`.
    """

    name: str
    pid: int
    busy: str
    entry: int | None
    seconds: float
    silent: float
    runs: int
    wanted: int
    steps: int
    lost: int


@dataclass(frozen=True)
class Pulse:
    """When it was taken (seconds since the epoch), how fast the campaign is, and its workers.

    `ended` says why the process has stopped working; empty: it works, or was killed.
    """

    time: float
    runs_per_second: float = 0.0
    steps_per_second: float = 0.0
    workers: tuple[WorkerPulse, ...] = ()
    ended: str = ""

    def as_fact(self) -> str:
        """The pulse as the ledger has it."""
        return orjson.dumps(asdict(self)).decode()


def pulse_of(facts: Mapping[str, str]) -> Pulse | None:
    """The pulse in a ledger's facts, if there is one."""
    return read_fact(facts, FACT, _pulse) if FACT in facts else None


def _pulse(row: dict[str, Any]) -> Pulse:
    return Pulse(**{**row, "workers": tuple(WorkerPulse(**one) for one in row["workers"])})


def workers_of(healths: Sequence[Health], now: float) -> tuple[WorkerPulse, ...]:
    """How workers are, by trio's clock."""
    return tuple(
        WorkerPulse(
            name=one.name,
            pid=one.pid,
            busy=one.busy,
            entry=one.entry,
            seconds=round(now - one.since, 3) if one.busy else 0.0,
            silent=round(now - one.heard, 3) if one.busy else 0.0,
            runs=one.runs,
            wanted=one.wanted,
            steps=one.steps,
            lost=one.lost,
        )
        for one in healths
    )
