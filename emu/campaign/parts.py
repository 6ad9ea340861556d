"""Logs of many runs, one after the other, cut into compressed parts of one size.

A part ends with the run that fills it. What is held is bounded: the oldest parts go once all
together take too much.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import zstandard

PART: Final = 16_000_000
"""How many bytes of log, before they are compressed, fill a part."""

LEVEL: Final = 3
"""How hard to compress: zstandard's own default."""


class Parts:
    """The logs of runs in parts that together take at most `room` bytes, but for the newest."""

    def __init__(self, room: int, size: int = PART) -> None:
        self._room = room
        self._size = size
        self._open = bytearray()
        self._full: deque[bytes] = deque()
        self._taken = 0

    def add(self, log: bytes) -> None:
        """The log of the next run."""
        self._open += log
        if len(self._open) >= self._size:
            self._cut()

    def close(self) -> tuple[bytes, ...]:
        """The parts, oldest first."""
        if self._open:
            self._cut()
        return tuple(self._full)

    def _cut(self) -> None:
        part = packed(bytes(self._open))
        self._open.clear()
        self._full.append(part)
        self._taken += len(part)
        while self._taken > self._room and len(self._full) > 1:
            self._taken -= len(self._full.popleft())


def packed(log: bytes) -> bytes:
    """A log, compressed; one frame, which says how long it is."""
    return zstandard.compress(log, LEVEL)
