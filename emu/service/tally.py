"""What has happened in all campaigns since the service was started, counted by their events."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

COUNTED: Final = ("found", "trouble", "lost", "interrupted")
"""Events that are counted by their names; of a harvest, its runs are."""


class Tally:
    """Counts what it is told of."""

    def __init__(self) -> None:
        self._counts = Counter[str]()

    def add(self, row: dict[str, Any]) -> None:
        """Count an event of a campaign's process."""
        name = row["event"]
        if name == "harvest":
            self._counts["runs"] += int(row.get("runs", 0))
        elif name in COUNTED:
            self._counts[name] += 1

    def count(self, what: str) -> int:
        """How many runs there were, or events of this name."""
        return self._counts[what]
