"""Every other order of a trace, by brute force: which deadlocks does any of them have?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from emu.analysis.predict.acquires import Acquire, Held
from emu.analysis.predict.trace import (
    ACQUIRE,
    FORK,
    JOIN,
    READ,
    RELEASE,
    UPDATE,
    WRITE,
    Op,
    Trace,
)

Pattern = frozenset[Acquire]
State = tuple[tuple[int, ...], tuple[tuple[str, int], ...]]
"""How many operations each thread has done, and who wrote each cell last."""


class Passed(NamedTuple):
    """What a thread has done up to some point: what it holds, the last acquires, its children."""

    holds: frozenset[Held]
    acquired: dict[str, int]
    forked: frozenset[str]


def _passed(ops: list[tuple[int, Op]]) -> Iterator[Passed]:
    now = Passed(frozenset(), {}, frozenset())
    yield now
    for number, op in ops:
        lock = frozenset([Held(op.what, op.shared)])
        if op.kind == ACQUIRE:
            now = now._replace(holds=now.holds | lock, acquired={**now.acquired, op.what: number})
        elif op.kind == RELEASE:
            now = now._replace(holds=now.holds - lock)
        elif op.kind == FORK:
            now = now._replace(forked=now.forked | {op.what})
        yield now


class Orders:
    """The orders of a trace that keep each thread's own, and every read's write.

    With `sections`, those on each lock that are kept also come in the order that they had.
    """

    def __init__(self, trace: Trace, *, sections: bool) -> None:
        self.sections = sections
        self.threads = list(dict.fromkeys(op.thread for op in trace.ops))
        self.ops: list[list[tuple[int, Op]]] = [[] for _ in self.threads]
        self.forked = {op.what for op in trace.ops if op.kind == FORK}
        self.read: dict[int, int] = {}
        written: dict[str, int] = {}
        for number, op in enumerate(trace.ops):
            self.ops[self.threads.index(op.thread)].append((number, op))
            if op.kind in (READ, UPDATE):
                self.read[number] = written.get(op.what, -1)
            if op.kind in (WRITE, UPDATE):
                written[op.what] = number
        self.passed = [list(_passed(ops)) for ops in self.ops]

    def deadlocks(self) -> set[Pattern]:
        """The patterns of all deadlocks that are reached."""
        start: State = ((0,) * len(self.threads), ())
        seen = {start}
        todo = [start]
        found: set[Pattern] = set()
        while todo:
            state = todo.pop()
            found.update(self._waiting(state))
            for following in self._following(state):
                if following not in seen:
                    seen.add(following)
                    todo.append(following)
        return found

    def _following(self, state: State) -> Iterator[State]:
        done, written = state
        passed = self._passed(done)
        taken = {held.lock for one in passed for held in one.holds}
        forked = {name for one in passed for name in one.forked}
        latest: dict[str, int] = {}
        for lock, at in [pair for one in passed for pair in one.acquired.items()]:
            if self.sections and at > latest.get(lock, -1):
                latest[lock] = at
        cells = dict(written)
        for at, ops in enumerate(self.ops):
            if done[at] == len(ops):
                continue
            if not done[at] and self.threads[at] in self.forked - forked:
                continue
            number, op = ops[done[at]]
            if op.kind == ACQUIRE and op.what in taken:
                continue
            if op.kind == ACQUIRE and number < latest.get(op.what, -1):
                continue
            if op.kind in (READ, UPDATE) and cells.get(op.what, -1) != self.read[number]:
                continue
            if op.kind == JOIN and not self._over(op.what, done):
                continue
            after = written
            if op.kind in (WRITE, UPDATE):
                after = tuple(sorted({**cells, op.what: number}.items()))
            yield (*done[:at], done[at] + 1, *done[at + 1 :]), after

    def _passed(self, done: tuple[int, ...]) -> list[Passed]:
        return [of_thread[count] for of_thread, count in zip(self.passed, done, strict=True)]

    def _over(self, thread: str, done: tuple[int, ...]) -> bool:
        if thread not in self.threads:
            return True
        at = self.threads.index(thread)
        return done[at] == len(self.ops[at])

    def _waiting(self, state: State) -> Iterator[Pattern]:
        """The cycles of threads whose next operation asks for what the next one holds."""
        done, _ = state
        holding = [one.holds for one in self._passed(done)]
        owner = {held.lock: at for at, mine in enumerate(holding) for held in mine}
        for first in range(len(self.ops)):
            path: list[int] = []
            at = first
            while at not in path:
                path.append(at)
                op = self._next(at, done)
                if op is None or op.kind != ACQUIRE or op.what not in owner:
                    break
                at = owner[op.what]
            else:
                if at == first == min(path):
                    yield frozenset(
                        Acquire(op.thread, op.what, op.shared, holding[one])
                        for one in path
                        if (op := self._next(one, done)) is not None
                    )

    def _next(self, at: int, done: tuple[int, ...]) -> Op | None:
        ops = self.ops[at]
        return ops[done[at]][1] if done[at] < len(ops) else None
