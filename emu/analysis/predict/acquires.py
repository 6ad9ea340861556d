"""Abstract acquires: who asks for which lock while it holds which others.

Millions of acquisitions are few of these. A cycle of them, each of another thread and each
asking for what the next one holds, is the pattern of a deadlock; where two hold one lock in
common, that is a gate, and they are never both there.

R. Agarwal, L. Wang, S. D. Stoller: Detecting Potential Deadlocks with Static Analysis and
Run-Time Monitoring, PADTAD 2005. H. Tunc et al.: Sound Dynamic Deadlock Prediction in Linear
Time, PLDI 2023.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from emu.analysis.predict.trace import ACQUIRE, RELEASE, Trace

KEPT: Final = 256
"""Of so many sets of acquires the cycles are kept: the runs of one program have few of them."""


class Held(NamedTuple):
    """A lock that is held, and whether it may be shared."""

    lock: str
    shared: bool


_held: Final = lru_cache(maxsize=KEPT)(Held)


class Occurrence(NamedTuple):
    """One time that an abstract acquire happened: the operation, and those it held locks by."""

    op: int
    outer: dict[str, int]


@dataclass(frozen=True)
class Acquire:
    """A thread asks for `lock`, while it holds others."""

    thread: str
    lock: str
    shared: bool
    held: frozenset[Held]

    def waits_for(self, other: Acquire) -> bool:
        """Whether `other` may hold what this asks for, while both stand where they ask."""
        if self.thread == other.thread or not self.held_apart(other):
            return False
        return any(one.lock == self.lock and not (one.shared and self.shared) for one in other.held)

    def held_apart(self, other: Acquire) -> bool:
        """Whether both can hold what they hold at one time."""
        mine = {one.lock: one.shared for one in self.held}
        return all(one.lock not in mine or (one.shared and mine[one.lock]) for one in other.held)


Cycle = tuple[Acquire, ...]
"""Each asks for what the next one holds, the last for what the first one holds."""


def abstract_acquires(trace: Trace) -> dict[Acquire, list[Occurrence]]:
    """Every abstract acquire that holds something, with each time that it happened, in order.

    There is none where an operation is excused.
    """
    holding: dict[str, dict[Held, int]] = {}
    found: dict[Acquire, list[Occurrence]] = {}
    for number, op in trace.of_locks:
        mine = holding.setdefault(op.thread, {})
        lock = _held(op.what, op.shared)
        if op.kind == RELEASE:
            del mine[lock]
            continue
        if mine and not op.excused:
            acquire = Acquire(op.thread, *lock, frozenset(mine))
            outer = {held.lock: at for held, at in mine.items()}
            found.setdefault(acquire, []).append(Occurrence(number, outer))
        if op.kind == ACQUIRE:
            mine[lock] = number
    return found


def cycles(acquires: Iterable[Acquire]) -> tuple[Cycle, ...]:
    """Every cycle of acquires of different threads, for different locks, with no gate.

    Each cycle comes once, beginning with the first of its acquires in the order given.
    """
    return _cycles(tuple(acquires))


@lru_cache(maxsize=KEPT)
def _cycles(acquires: tuple[Acquire, ...]) -> tuple[Cycle, ...]:
    holding: dict[str, list[int]] = {}
    for at, one in enumerate(acquires):
        for held in one.held:
            holding.setdefault(held.lock, []).append(at)
    following = {
        at: [to for to in holding.get(one.lock, ()) if one.waits_for(acquires[to])]
        for at, one in enumerate(acquires)
    }
    starts = range(len(acquires))
    return tuple(one for first in starts for one in _from([first], acquires, following))


def _from(
    path: list[int], acquires: tuple[Acquire, ...], following: dict[int, list[int]]
) -> Iterator[Cycle]:
    on_path = [acquires[at] for at in path]
    for to in following[path[-1]]:
        if to == path[0] and len(path) > 1:
            yield tuple(on_path)
        elif to > path[0] and all(_fit(one, acquires[to]) for one in on_path):
            path.append(to)
            yield from _from(path, acquires, following)
            path.pop()


def _fit(one: Acquire, other: Acquire) -> bool:
    different = one.thread != other.thread and one.lock != other.lock
    return different and one.held_apart(other)
