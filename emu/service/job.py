"""A campaign as the supervisor has it: what goes on with it, and why; what is told of it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any, Final

import trio

from emu.service.journal import Journal, Key
from emu.service.process import Process
from emu.service.shelf import PAUSE, STOP, Card

THIN: Final = 1.0
"""Progress is told once in so many seconds."""

ENDINGS: Final = ("over", "end", "interrupted", "failed")
"""Before these, all runs that were counted are told."""

RESTING: Final = ("", "paused", "failed")
"""After these, or where nothing was ever told, it is not at work."""

TOLD: Final = {
    "begin": ("event", "time", "entries", "workers"),
    "end": ("event", "time", "met", "seconds"),
}
"""What is told of these events; the rest is of nobody's concern, or can be had otherwise."""

STATES: Final = {PAUSE: "paused", STOP: "stopped"}
LEAVING: Final = {PAUSE: "pausing", STOP: "stopping"}


class Job:
    """A campaign as the supervisor has it.

    `state` is `waiting`, `running`, `pausing`, `paused`, `stopping`, `stopped`, `done` or
    `failed`; `why` is a sentence where that needs one. `held` says who else has its ledger,
    `complaint` what its last process said is wrong, `unwritten` why its card is not on the disk as
    it is here. `counted` is what its ledger knew when its process began. `changes` counts how
    often its process has come or gone; `revision` rises with all that changes. `waiting` is the
    scope of what it waits for; it does so for another process with a slot for `patience` seconds.
    `kept` says whether it is looked after by a task, `got_on` whether its process has harvested.
    """

    def __init__(self, card: Card, directory: Path, revision: int) -> None:
        self.card = card
        self.directory = directory
        self.process: Process | None = None
        self.waiting = trio.CancelScope()
        self.patience = 0.0
        self.held = ""
        self.complaint = ""
        self.unwritten = ""
        self.counted: dict[Key, int] = {}
        self.changes = 0
        self.revision = revision
        self.kept = False
        self.got_on = False
        self._told_at = -THIN
        self._untold: dict[Key, dict[str, Any]] = {}

    @cached_property
    def journal(self) -> Journal:
        """Its events."""
        return Journal(self.directory)

    @property
    def was_at_work(self) -> bool:
        """Whether it was at work when it was last heard of."""
        return self.journal.latest not in RESTING

    @property
    def state(self) -> str:
        """What goes on with it."""
        wanted = self.card.wanted
        if self.process is not None:
            return LEAVING.get(wanted, "stopping" if self.card.failure else "running")
        if self.card.failure:
            return "failed"
        if self.card.ended:
            return "done"
        return STATES.get(wanted, "waiting")

    @property
    def why(self) -> str:
        """Why it is in this state; empty where that needs no reason."""
        reasons = [self.card.failure or self.held]
        if self.state in STATES.values():
            reasons.append(self.complaint)
        if self.unwritten:
            reasons.append(
                f"this is not written down yet ({self.unwritten}): a service that is started again "
                f"would go on with it"
            )
        return "; ".join(filter(None, reasons))

    def tell(self, row: dict[str, Any]) -> None:
        """Note an event of its process; of those that come often, some together."""
        name = row["event"]
        if name == "lease":
            return
        if name == "harvest":
            self.got_on = True
            self._gather(row)
            if trio.current_time() - self._told_at >= THIN:
                self.flush()
            return
        if name in ENDINGS:
            self.flush()
        told = TOLD.get(name)
        self.journal.add(row if told is None else {key: row[key] for key in told if key in row})
        if name == "begin":
            self.journal.catch_up(self.counted, row.get("time", 0.0))

    def flush(self) -> None:
        """Tell of all harvests that are not told yet."""
        self._told_at = trio.current_time()
        untold, self._untold = self._untold, {}
        for row in untold.values():
            self.journal.add(row)

    def _gather(self, row: dict[str, Any]) -> None:
        """Put a harvest to those of its entry that are not told yet."""
        key = row.get("plan", ""), row.get("entry", "")
        before = self._untold.get(key, {}).get("runs", 0)
        self._untold[key] = {**row, "runs": row.get("runs", 0) + before}
