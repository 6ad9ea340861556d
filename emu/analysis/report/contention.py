"""How long locks are waited for and held, over many runs, without a database.

`tables` answers the same for any number of runs, where DuckDB is installed; this is for some.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from emu.analysis.bars import HOLD, WAIT, Bar
from emu.analysis.lanes import Lanes
from emu.analysis.tables.spread import Spread

BINS: Final = tuple(digit * 10**power for power in range(16) for digit in (1, 2, 5))
"""Where the bins of a distribution begin, in ns, the one at 0 apart."""


@dataclass(frozen=True, slots=True)
class Times:
    """Many times in ns: their spread, and in `bins` pairs of lower edge and count, in order."""

    spread: Spread
    bins: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class LockUse:
    """A lock over all runs: how often acquired, after a wait (`contended`), in handlers.

    `stuck` is how many waits had not ended when their runs did. `waits` are those that ended with
    the lock, the longest by `longest_thread`, at `longest_at`; `holds` those that ended.
    """

    name: str
    acquired: int
    contended: int
    handlers: int
    stuck: int
    threads: tuple[str, ...]
    waits: Times
    holds: Times
    longest_thread: str
    longest_at: str

    @property
    def share(self) -> float:
        """The share of acquisitions that had to wait."""
        return self.contended / self.acquired if self.acquired else 0.0


class Contention:
    """The locks of one program, run by run."""

    def __init__(self) -> None:
        self._locks: dict[str, _Lock] = {}

    def look(self, lanes: Lanes) -> None:
        """Add what a run has."""
        begun = {(bar.thread, bar.name, bar.start) for bar in lanes.bars if bar.kind == HOLD}
        for bar in lanes.bars:
            if bar.kind not in (HOLD, WAIT):
                continue
            lock = self._locks.setdefault(bar.name, _Lock())
            if bar.kind == HOLD:
                lock.add_hold(bar)
            elif bar.end is None:
                lock.stuck += 1
            elif (bar.thread, bar.name, bar.end) in begun:  # else it was given up
                lock.add_wait(bar)

    def locks(self) -> tuple[LockUse, ...]:
        """What is known, the most waited for first."""
        made = [one.use(name) for name, one in self._locks.items()]
        return tuple(
            sorted(made, key=lambda one: (-one.waits.spread.total, -one.acquired, one.name))
        )


class _Lock:
    """What is known of a lock so far."""

    def __init__(self) -> None:
        self.waits: Counter[int] = Counter()
        self.holds: Counter[int] = Counter()
        self.acquired = self.handlers = self.stuck = 0
        self.threads: dict[str, None] = {}
        self.longest: Bar | None = None

    def add_hold(self, bar: Bar) -> None:
        """Once more it was acquired; how long it is held is known if it was given back."""
        self.acquired += 1
        self.handlers += bar.depth > 0
        self.threads[bar.thread] = None
        if bar.end is not None:
            self.holds[bar.t1 - bar.t0] += 1

    def add_wait(self, bar: Bar) -> None:
        """Once more a wait for it ended with it."""
        time = bar.t1 - bar.t0
        self.waits[time] += 1
        if self.longest is None or time > self.longest.t1 - self.longest.t0:
            self.longest = bar

    def use(self, name: str) -> LockUse:
        return LockUse(
            name=name,
            acquired=self.acquired,
            contended=self.waits.total(),
            handlers=self.handlers,
            stuck=self.stuck,
            threads=tuple(sorted(self.threads)),
            waits=times_of(self.waits),
            holds=times_of(self.holds),
            longest_thread=self.longest.thread if self.longest is not None else "",
            longest_at=self.longest.at if self.longest is not None else "",
        )


def times_of(times: Counter[int]) -> Times:
    """These times, each with how often it is."""
    bins: Counter[int] = Counter()
    for time, often in times.items():
        bins[_edge(time)] += often
    return Times(Spread.of(times.elements()), tuple(sorted(bins.items())))


def _edge(time: int) -> int:
    return max((one for one in BINS if one <= time), default=0)
