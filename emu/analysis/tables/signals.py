"""What became of each signal: sent, merged, delivered; how long it took, where, on which stack.

A delivery is that of the instance that its thread would take first: one sent to the thread
itself, else one sent to the process, the oldest of either (POSIX.1-2017, System Interfaces,
2.4.1). A signal that a fault raises was never sent; it has no latency, and neither has one whose
sending is not in the log, as of another process.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from emu.analysis.tables.spread import Spread
from emu.analysis.tables.tables import EVENTS, Tables

PENDING: Final = "pending"
"""The fate of a signal that waits to be delivered."""

PROCESS: Final = "process"
"""The target of a signal that any thread may take."""

ALTERNATE: Final = "alternate"
"""What a log calls the stack that `SA_ONSTACK` asks for."""

KINDS: Final = ("signal.send", "signal.deliver", "signal.take", "signal.drop", "signal.action")


@dataclass
class Place:
    """What was delivered in one region and depth: how much, by faults, and after how many ns."""

    delivered: int = 0
    faults: int = 0
    latencies: list[int] = field(default_factory=list)


@dataclass
class Signal:
    """A signal, over all runs.

    `fates` counts what was sent by what became of it at once; `delivered` counts frames put on
    a thread's stack, `faults` those among them that nobody sent; `taken` by `sigwait`
    and its like, `dropped` with what dropped it. `latencies` are of what was sent, in ns of
    emulated time from sending to delivery; `undelivered` was pending when its run ended.
    `places` has deliveries by region, outermost first, and by how many handlers its thread
    was deep in then. `off_stack` counts, by the stack that was used, the deliveries that found
    no alternate stack though their action asked for one.
    """

    fates: Counter[str] = field(default_factory=Counter)
    delivered: int = 0
    faults: int = 0
    taken: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    undelivered: int = 0
    latencies: list[int] = field(default_factory=list)
    places: dict[tuple[str, int], Place] = field(default_factory=dict)
    off_stack: Counter[str] = field(default_factory=Counter)

    @property
    def sent(self) -> int:
        """How often it was sent."""
        return self.fates.total()

    @property
    def latency(self) -> Spread:
        """How long what was sent took."""
        return Spread.of(self.latencies)


def signals(tables: Tables) -> dict[str, Signal]:
    """Every signal that was sent or delivered, by name."""
    found: dict[str, Signal] = {}
    for _, run in groupby(_rows(tables), key=itemgetter("run")):
        _look_at(list(run), found)
    return dict(sorted(found.items()))


def _rows(tables: Tables) -> Iterator[dict[str, Any]]:
    names = ("run", "event", "t", "thread", "depth", "region", *_OWN)
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    sql = f"SELECT {', '.join(names)} FROM {EVENTS} WHERE event IN ({kinds}) ORDER BY run, line"
    for row in tables.rows(sql):
        yield dict(zip(names, row, strict=True))


_OWN: Final = ("signal", "target", "fate", "chosen", "stack", "sender", "flags", "reason")


class _Pending:
    """The instances of one signal that wait, with the times at which they were sent."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[int]] = {}

    def add(self, target: str, t: int) -> None:
        """One more, for a thread or the process."""
        self._queues.setdefault(target, deque()).append(t)

    def take(self, thread: str) -> int | None:
        """When the one was sent that this thread takes; None if there is none."""
        for target in (thread, PROCESS):
            if self._queues.get(target):
                return self._queues[target].popleft()
        return None

    def clear(self) -> int:
        """Forget all; gives how many."""
        count = sum(map(len, self._queues.values()))
        self._queues.clear()
        return count


def _look_at(run: list[dict[str, Any]], found: dict[str, Signal]) -> None:
    """Count what happened in one run."""
    pending: dict[str, _Pending] = {}
    on_stack: dict[str, bool] = {}
    for row in run:
        name = row["signal"]
        if row["event"] == "signal.action":
            on_stack[name] = "SA_ONSTACK" in (row["flags"] or "").split()
            continue
        signal = found.setdefault(name, Signal())
        waiting = pending.setdefault(name, _Pending())
        match row["event"]:
            case "signal.send":
                signal.fates[row["fate"]] += 1
                if row["fate"] == PENDING:
                    waiting.add(row["target"], row["t"])
            case "signal.deliver":
                sent = waiting.take(row["thread"]) if row["sender"] else None
                signal.faults += not row["sender"]
                _deliver(signal, row, sent)
                if on_stack.get(name) and row["stack"] != ALTERNATE:
                    signal.off_stack[row["stack"]] += 1
            case "signal.take":
                signal.taken += 1
                waiting.take(row["thread"])
            case "signal.drop":
                signal.dropped[row["reason"]] += 1
                if row["thread"] and row["reason"] != "discarded":
                    waiting.take(row["thread"])
                else:
                    waiting.clear()
    for name, left in pending.items():
        found[name].undelivered += left.clear()


def _deliver(signal: Signal, row: dict[str, Any], sent: int | None) -> None:
    latency = None if sent is None else row["t"] - sent
    signal.delivered += 1
    if latency is not None:
        signal.latencies.append(latency)
    place = signal.places.setdefault((row["region"], row["depth"]), Place())
    place.delivered += 1
    place.faults += not row["sender"]
    if latency is not None:
        place.latencies.append(latency)
