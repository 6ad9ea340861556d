"""SPDOffline: deadlocks that are certain, each with a schedule that gets there.

H. C. Tunc, U. Mathur, A. Pavlogiannis, M. Viswanathan: Sound Dynamic Deadlock Prediction in
Linear Time, PLDI 2023. Another order of a run preserves its synchronization if every thread
does what it did up to some point, every read sees the write that it saw, and the critical
sections on each lock that are kept come in the order they had. What must then be there before
an acquire is a closure, which only grows along the run; if it holds none of the acquires of a
cycle, all of them can be next at one time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emu.analysis.predict.acquires import (
    Acquire,
    Cycle,
    Occurrence,
    abstract_acquires,
    cycles,
)
from emu.analysis.predict.clocks import Clock, Clocks, clocks, join_clock
from emu.analysis.predict.trace import ACQUIRE, RELEASE, Trace


@dataclass(frozen=True)
class Deadlock:
    """A cycle that a schedule gets to: the operations to do, in order, and those that then wait."""

    cycle: Cycle
    schedule: tuple[int, ...]
    waiting: tuple[int, ...]


@dataclass(frozen=True)
class _Section:
    """A critical section: where it begins, in the trace and in its thread.

    `until` is the clock at its end; None: it has none.
    """

    op: int
    own: int
    until: Clock | None


class _History:
    """The critical sections on every lock, by thread."""

    def __init__(self, trace: Trace, order: Clocks) -> None:
        self.locks: dict[str, dict[int, list[_Section]]] = {}
        open_: dict[tuple[str, str], int] = {}
        sections: dict[int, Clock | None] = {}
        for number, op in enumerate(trace.ops):
            if op.kind == ACQUIRE:
                open_[op.thread, op.what] = number
                sections[number] = None
            elif op.kind == RELEASE:
                sections[open_.pop((op.thread, op.what))] = order.after[number]
        for number, until in sections.items():
            of_lock = self.locks.setdefault(trace.ops[number].what, {})
            section = _Section(number, order.own[number], until)
            of_lock.setdefault(order.thread[number], []).append(section)


class _Closure:
    """What must be there before the acquires of one cycle; it only grows."""

    def __init__(self, history: _History, threads: int) -> None:
        self.clock: Clock = [0] * threads
        self._history = history
        self._last: dict[tuple[str, int], int] = {}  # how many sections of a thread are inside

    def cover(self, clock: Clock) -> None:
        """Let `clock` be inside, and all that this asks for."""
        join_clock(self.clock, clock)
        while True:
            before = self.clock.copy()
            for lock, of_threads in self._history.locks.items():
                self._close(lock, of_threads)
            if self.clock == before:
                return

    def _close(self, lock: str, of_threads: dict[int, list[_Section]]) -> None:
        """All sections on a lock are over but the latest."""
        inside = []
        for thread, sections in of_threads.items():
            last = self._last.get((lock, thread), 0)
            while last < len(sections) and sections[last].own <= self.clock[thread]:
                last += 1
            self._last[lock, thread] = last
            if last:
                inside.append(sections[last - 1])
        latest = max((section.op for section in inside), default=-1)
        for section in inside:
            if section.op != latest and section.until is not None:
                join_clock(self.clock, section.until)


def sync_preserving(
    trace: Trace, known: Mapping[Acquire, list[Occurrence]] | None = None
) -> list[Deadlock]:
    """The deadlocks that another order of the run has for certain, one for each cycle.

    `known` are its abstract acquires, if somebody has made them already.
    """
    found = abstract_acquires(trace) if known is None else known
    every = cycles(found)
    if not every:
        return []
    order = clocks(trace)
    history = _History(trace, order)
    times = {acquire: [one.op for one in all_] for acquire, all_ in found.items()}
    deadlocks = []
    for cycle in every:
        deadlock = _check(cycle, [times[one] for one in cycle], history, order)
        if deadlock is not None:
            deadlocks.append(deadlock)
    return deadlocks


def _check(
    cycle: Cycle, times: list[list[int]], history: _History, order: Clocks
) -> Deadlock | None:
    """The first times at which the acquires of a cycle can all be next, if there are any."""
    closure = _Closure(history, len(order.threads))
    at = [0] * len(cycle)
    while True:
        current = [ops[place] for ops, place in zip(times, at, strict=True)]
        for op in current:
            closure.cover(order.before[op])
        clock = closure.clock
        inside = [order.own[op] <= clock[order.thread[op]] for op in current]
        if not any(inside):
            own, thread = order.own, order.thread
            schedule = tuple(op for op in range(len(own)) if own[op] <= clock[thread[op]])
            return Deadlock(cycle, schedule, tuple(current))
        for which, ops in enumerate(times):
            while (
                at[which] < len(ops)
                and order.own[ops[at[which]]] <= clock[order.thread[ops[at[which]]]]
            ):
                at[which] += 1
            if at[which] == len(ops):
                return None
