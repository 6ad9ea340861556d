"""Bars: what a thread is in for a while: it holds a lock, waits, sleeps, runs a handler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HOLD: Final = "hold"
WAIT: Final = "wait"
BLOCK: Final = "block"
SLEEP: Final = "sleep"
STALL: Final = "stall"
HANDLER: Final = "handler"

KINDS: Final[dict[str, str]] = {
    HOLD: "holds the lock `name`, in mode `what`",
    WAIT: "waits for the lock `name`, in mode `what`, which `held_by` had when it began",
    BLOCK: "waits for anything else, called `name`: `what` is cond, sem, join, receive, …",
    SLEEP: "sleeps",
    STALL: "does not run, by chaos",
    HANDLER: "runs the handler of the signal `name`; empty where the log does not say of which",
}
"""Each kind of bar with what its thread does meanwhile."""

HELD_UP: Final = (WAIT, BLOCK, SLEEP, STALL)
"""Kinds during which a thread cannot go on, but for its handlers."""

JOIN: Final = "join"
"""The `what` of a wait for the end of a thread."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What `thread` is in from the event `start` to the event `end`, by their numbers from 0.

    `end` is None where nothing ends it before the run does. `t0` and `t1` are in ns, `step0` and
    `step1` steps of the run; those of the end of an open one are the run's. `depth` is how deep
    in handlers it is; that of a handler is its own, from 1. `at` is the place where it begins
    and `until` where it ends. `by` is the thread that released a lock for its holder. Bars of a
    thread that overlap have different rows, from 0; what is on top of something has the higher.
    """

    thread: str
    kind: str
    name: str
    what: str
    start: int
    end: int | None
    t0: int
    t1: int
    step0: int
    step1: int
    depth: int
    at: str
    until: str
    held_by: str = ""
    by: str = ""
    row: int = 0

    @property
    def seen_late(self) -> bool:
        """Whether the log tells of it at its end: it began at some time after the event `start`."""
        return self.what == JOIN
