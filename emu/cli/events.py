"""What happens in a campaign, as JSON lines on stdout, each written when it happens."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, Final

import orjson

FIELDS: Final[dict[str, str]] = {
    "begin": "directory, plans, entries, workers, process",
    "lease": "worker, first_run, runs: it begins with these",
    "harvest": "runs: so many more are counted, total in all",
    "found": "finding (its number), signature, run, seed: never seen before",
    "trouble": "the same, of a run that gave no answer",
    "told": "finding, signature, tape, deviations: it has its message, maybe a simpler one",
    "untold": "finding, signature, how: it does not replay",
    "lost": "worker, how, run, seed: a worker is gone, and its runs are made again",
    "over": "why, met, reason, runs, seconds (of work), outcomes: an entry is over",
    "end": "what --json prints",
}
"""Every event with its fields, besides `event`, `time`, `plan` and `entry`."""


class Events:
    """Writes events; once nobody reads them any more, it calls `unread` and is silent."""

    def __init__(self, unread: Callable[[], object]) -> None:
        self.read = True
        self._unread = unread

    def __call__(self, event: str, /, **fields: Any) -> None:
        """Write an event; runs count from 1, times are seconds since the epoch."""
        if not self.read:
            return
        row = {"event": event, "time": round(time.time(), 3), **fields}
        try:
            sys.stdout.buffer.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            self.read = False
            self._unread()
