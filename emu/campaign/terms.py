"""The terms of a campaign as a whole: budget, logs, and what a worker may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Level = Literal["all", "locks", "findings", "none"]
Until = Literal["finding", "budget"]

CAP: Final = 1_000_000_000
"""How many bytes the logs of runs may take, unless said otherwise."""


@dataclass(frozen=True)
class Terms:
    """What holds for the whole campaign; it is stored with it, and holds again when it goes on.

    `seconds` is real time, over all its sittings; None: no such limit. `until = "finding"` ends
    it at the first finding. `hand_on`: runs that an entry did not need, because it was met early,
    go to those that are not met. `level` says which logs are kept: of every run (`all`, `locks`),
    of every finding one (`findings`), or none; those of runs take at most `cap` bytes together.
    """

    seconds: float | None = None
    until: Until = "budget"
    hand_on: bool = False
    level: Level = "findings"
    cap: int = CAP
