"""Logs to ask: of real runs, plain and compressed, many in a file; and by hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import zstandard

from emu.record.finding import Outcome, RunInfo
from emu.record.history import Ending, History
from emu.record.log import log_bytes
from emu.record.tape import Tape
from tests.analysis.runs import runs_of

PROGRAMS = {
    "lock_order_inversion": 6,
    "lost_wakeup": 3,
    "handler_takes_lock": 6,
    "fault_in_malloc": 2,
    "signal_at_thread_start": 3,
    "cockroach16167": 3,
    "etcd6857": 2,
}
"""Bundled scenarios, with how many runs of each are looked at."""


async def histories() -> list[History]:
    """Some runs of several programs."""
    return [run for name, runs in PROGRAMS.items() for run in await runs_of(name, runs)]


def written(path: Path, histories: Iterable[History]) -> Path:
    """One log with these runs; compressed, each in a frame of its own, if its name says so."""
    logs = [log_bytes(history) for history in histories]
    if path.suffix == ".zst":
        logs = [zstandard.ZstdCompressor().compress(log) for log in logs]
    path.write_bytes(b"".join(logs))
    return path


def run(*events: tuple[Any, ...], scenario: str = "hand:made", outcome: str = "ok") -> History:
    """A run by hand: events as kind, t, thread, object, then the kind's own fields."""
    raw = [
        (kind, number, t, thread, 0, what, f"hand.py:{number + 1}:f", -1, "", tuple(own))
        for number, (kind, t, thread, what, *own) in enumerate(events)
    ]
    end = max((event[2] for event in raw), default=0)
    return History(RunInfo(scenario), raw, Ending(Tape(()), Outcome(outcome), (), len(raw), end))


def acquire(
    t: int, thread: str, lock: str, waited: int | None = None, mode: str = "exclusive"
) -> Any:
    """An acquisition, after a wait of so many ns if any."""
    return ("lock.acquire", t, thread, lock, waited or 0, waited is not None, None, mode)


def release(t: int, thread: str, lock: str, mode: str = "exclusive") -> Any:
    """A release."""
    return ("lock.release", t, thread, lock, mode)


def wait(t: int, thread: str, lock: str, holder: str = "A") -> Any:
    """A wait for a lock begins."""
    return ("lock.wait", t, thread, lock, holder, "exclusive")
