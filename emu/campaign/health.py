"""How a worker is: whoever has one keeps this up to date, and others look at it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Health:
    """How a worker is; it is busy with `busy` for the entry of this number, or idle.

    `since` is when that began and `heard` when the worker last said anything, both by trio's
    clock. `runs` of `wanted` are done, with `steps`; `lost` is how often it was replaced. `pid` is
    0 where there is no process, or it is on another machine. Once it is `gone` it works no more.
    """

    name: str
    pid: int = 0
    busy: str = ""
    entry: int | None = None
    since: float = 0.0
    heard: float = 0.0
    runs: int = 0
    wanted: int = 0
    steps: int = 0
    lost: int = 0
    gone: bool = False

    def begin(self, busy: str, entry: int | None, wanted: int, now: float) -> None:
        """It is given something to do."""
        self.busy, self.entry, self.wanted = busy, entry, wanted
        self.runs = self.steps = 0
        self.since = self.heard = now

    def end(self, now: float) -> None:
        """It has nothing to do."""
        self.begin("", None, 0, now)
