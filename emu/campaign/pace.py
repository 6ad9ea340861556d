"""How fast a campaign is: over the last few seconds, for shards come in one by one."""

from __future__ import annotations

from collections import deque
from typing import Final

WINDOW: Final = 10.0
"""Over how many seconds the pace is taken."""


class Pace:
    """Runs and steps per second, lately."""

    def __init__(self, now: float) -> None:
        self._began = now
        self._done: deque[tuple[float, int, int]] = deque()

    def add(self, now: float, runs: int, steps: int) -> None:
        """So much was done, by `now`, in seconds."""
        self._done.append((now, runs, steps))
        self._forget(now)

    def rates(self, now: float) -> tuple[float, float]:
        """Runs and steps per second."""
        self._forget(now)
        seconds = min(WINDOW, now - self._began)
        if seconds <= 0:
            return 0.0, 0.0
        runs = sum(runs for _, runs, _ in self._done)
        steps = sum(steps for _, _, steps in self._done)
        return runs / seconds, steps / seconds

    def _forget(self, now: float) -> None:
        while self._done and self._done[0][0] < now - WINDOW:
            self._done.popleft()
