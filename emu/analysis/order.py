"""The order of locks: which is asked for while which is held, and what circles that makes.

The edges are those of all runs of a program, a scenario with its parameters, whatever became
of them: a run that deadlocked has requests that were never met, and they count. What is said of
a circle comes from `predict.lockcycles`, run by run, as `predict` would say it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from emu.analysis.ordercycles import Circles, Cycle
from emu.analysis.predict.acquires import Acquire, Occurrence, abstract_acquires
from emu.analysis.predict.evidence import Scribe
from emu.analysis.predict.signals import Line
from emu.analysis.predict.trace import ACQUIRE, RELEASE, SHARED, trace_of
from emu.record.logs import Logged

EXCLUSIVE: Final = "exclusive"
MOST_EDGES: Final = 5_000
"""Edges of one program beyond this many are counted, and not kept."""


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock: how often it was acquired, in how many runs, by whom, in handlers of what."""

    name: str
    count: int
    runs: int
    threads: tuple[str, ...]
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """Where an edge is made: where one lock was acquired, and where the other is asked for.

    `count` is how often, the first time is the evidence; with `signals` in their handlers, the
    last on top.
    """

    since: Line
    asks: Line
    signals: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Edge:
    """`lock` is asked for while `held` is held.

    `count` is how often, in `runs` runs; `held_modes` and `modes` are those in which the one is
    held and the other asked for; `gates` other locks that are held every time; `signals` those
    in whose handlers it is asked for, empty if in none; `passages` come the most frequent first.
    """

    held: str
    lock: str
    count: int
    runs: int
    threads: tuple[str, ...]
    held_modes: tuple[str, ...]
    modes: tuple[str, ...]
    gates: tuple[str, ...]
    signals: tuple[str, ...]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class ProgramOrder:
    """The order of one program's locks: locks and edges by name, cycles the gravest first.

    `notes` say what was left out.
    """

    scenario: str
    params: dict[str, Any]
    runs: int
    locks: tuple[Lock, ...]
    edges: tuple[Edge, ...]
    cycles: tuple[Cycle, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LockOrder:
    """The order of locks, program by program, in the order in which they are met."""

    programs: tuple[ProgramOrder, ...]


FOREIGN: Final = "these are traces, which have no lock that nobody waited for"
"""What is noted of a program whose logs are foreign: gates may be missing."""


def lock_order(read: Callable[[], Iterable[Logged]]) -> LockOrder:
    """The lock order of the runs that `read` gives; it is called once."""
    programs: dict[str, _Program] = {}
    for run in read():
        info = run.history.info
        name = f"{info.scenario} {sorted(info.params.items())}"
        programs.setdefault(name, _Program(info.scenario, info.params)).look(run)
    return LockOrder(tuple(one.order() for one in programs.values()))


Names = dict[str, None]
"""Names in the order in which they were met."""


@dataclass
class _Lock:
    """What is known of a lock so far; `last` is the number of the last run that has it."""

    count: int = 0
    runs: int = 0
    last: int = 0
    threads: Names = field(default_factory=dict)
    signals: Names = field(default_factory=dict)

    def add(self, count: int, run: int, thread: str, signals: Iterable[str]) -> None:
        """So many times, in a run, by a thread."""
        self.count += count
        self.runs += run != self.last
        self.last = run
        self.threads[thread] = None
        for signal in signals:
            self.signals[signal] = None


_Way = tuple[str, str, tuple[str, ...]]
"""Where the one lock was acquired and the other is asked for, and in the handlers of what."""


@dataclass
class _Edge(_Lock):
    """What is known of an edge so far."""

    held_modes: Names = field(default_factory=dict)
    modes: Names = field(default_factory=dict)
    gates: frozenset[str] | None = None
    first: dict[_Way, Passage] = field(default_factory=dict)
    passes: Counter[_Way] = field(default_factory=Counter)


class _Program:
    """What is known of one program so far."""

    def __init__(self, scenario: str, params: dict[str, Any]) -> None:
        self.scenario, self.params = scenario, params
        self.runs = 0
        self.foreign = False
        self._locks: dict[str, _Lock] = {}
        self._edges: dict[tuple[str, str], _Edge] = {}
        self._left_out: dict[tuple[str, str], None] = {}
        self._circles = Circles()

    def look(self, run: Logged) -> None:
        """Add what a run has."""
        self.runs += 1
        self.foreign |= run.history.info.foreign
        scribe = Scribe(run, trace_of(run.history.shapes))
        self._add_locks(scribe)
        found = abstract_acquires(scribe.trace)
        for acquire, times in found.items():
            self._add_edges(acquire, times, scribe)
        self._circles.look(scribe, found)

    def _add_locks(self, scribe: Scribe) -> None:
        for number, op in scribe.trace.of_locks:
            if op.kind != RELEASE:
                lock = self._locks.get(op.what)
                if lock is None:
                    lock = self._locks[op.what] = _Lock()
                signals = scribe.signals(number)
                lock.add(op.kind == ACQUIRE, self.runs, op.thread, signals)

    def _add_edges(self, acquire: Acquire, times: list[Occurrence], scribe: Scribe) -> None:
        all_held = frozenset(one.lock for one in acquire.held)
        for held in sorted(acquire.held):
            key = held.lock, acquire.lock
            if key not in self._edges and len(self._edges) == MOST_EDGES:
                self._left_out[key] = None
                continue
            edge = self._edges.get(key)
            if edge is None:
                edge = self._edges[key] = _Edge()
            edge.add(len(times), self.runs, acquire.thread, ())
            edge.held_modes[SHARED if held.shared else EXCLUSIVE] = None
            edge.modes[SHARED if acquire.shared else EXCLUSIVE] = None
            around = all_held - {held.lock}
            edge.gates = around if edge.gates is None else edge.gates & around
            for op, outer in times:
                _pass(edge, outer[held.lock], op, scribe)

    def order(self) -> ProgramOrder:
        """All of it, as plain values."""
        locks = (
            Lock(name, one.count, one.runs, _sorted(one.threads), _sorted(one.signals))
            for name, one in sorted(self._locks.items())
        )
        edges = (_edge(*key, one) for key, one in sorted(self._edges.items()))
        notes = self._circles.notes()
        if self._left_out:
            notes = (f"{len(self._left_out):,} more edges are left out", *notes)
        if self.foreign:
            notes = (FOREIGN, *notes)
        cycles = self._circles.cycles()
        return ProgramOrder(
            self.scenario, self.params, self.runs, tuple(locks), tuple(edges), cycles, notes
        )


def _pass(edge: _Edge, outer: int, op: int, scribe: Scribe) -> None:
    """One more time that an edge is made."""
    signals = scribe.signals(op)
    way = scribe.at(outer), scribe.at(op), signals
    edge.passes[way] += 1
    if way not in edge.first:
        edge.signals.update(dict.fromkeys(signals))
        edge.first[way] = Passage(scribe.line(outer), scribe.line(op), signals, 1)


def _edge(held: str, lock: str, one: _Edge) -> Edge:
    passages = [replace(passage, count=one.passes[way]) for way, passage in one.first.items()]
    passages.sort(key=lambda each: (-each.count, each.since.at))
    return Edge(
        held,
        lock,
        one.count,
        one.runs,
        _sorted(one.threads),
        _sorted(one.held_modes),
        _sorted(one.modes),
        _sorted(one.gates or ()),
        _sorted(one.signals),
        tuple(passages),
    )


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names))
