"""What is new: whether a run behaved as no earlier run of its exploration did.

Two runs behave alike, here, when they end alike and when every object saw the same threads do
the same things in the same order. It is a cheap answer for strategies that compete, by what
the log has; operations that leave no event do not count.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

from emu.record.history import History

ROOM: Final = 8_192
"""How many behaviours are remembered. When they are that many, nothing is new any more."""


class Novelty:
    """The behaviours of the runs so far."""

    def __init__(self) -> None:
        self._known: set[bytes] = set()

    def add(self, history: History) -> bool:
        """The next run in order; gives whether no earlier one behaved like it."""
        known = self._known
        if len(known) >= ROOM:
            return False
        before = len(known)
        known.add(behaviour(history))
        return len(known) > before


def behaviour(history: History) -> bytes:
    """Eight bytes that runs which behave alike have in common."""
    lanes: dict[str, list[str]] = {}
    for raw in history.raw:
        name = raw[5]
        lane = lanes.get(name)
        if lane is None:
            lanes[name] = lane = [name]
        lane.append(raw[3])
        lane.append(raw[0])
    parts = ["\t".join(lanes[name]) for name in sorted(lanes) if name]
    parts.append(history.outcome.name)
    return blake2b("\n".join(parts).encode(), digest_size=8).digest()
