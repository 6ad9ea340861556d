"""Arrows: what an event in one thread lets another thread do."""

from __future__ import annotations

from bisect import bisect
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from emu.analysis.bars import BLOCK, WAIT, Bar
from emu.analysis.steps import OUTSIDE
from emu.record.event import Event

UNLOCK: Final = "unlock"
SIGNAL: Final = "signal"
WAKE: Final = "wake"
MESSAGE: Final = "message"
SPAWN: Final = "spawn"
JOIN: Final = "join"

KINDS: Final[dict[str, str]] = {
    UNLOCK: "from the release of a lock to its acquisition by a thread that waited for it",
    SIGNAL: "from sending a signal to its delivery, or to the `sigwait` that takes it",
    WAKE: "from what wakes a thread (notify, post, close, zero) to the end of its wait",
    MESSAGE: "from sending a value on a channel to receiving it",
    SPAWN: "from the start of a thread to its first step",
    JOIN: "from the end of a thread to the one that waited for that",
}
"""Each kind of arrow with what it leads from and to."""

_QUEUED: Final = "pending"
"""The fate of a signal that is to be delivered."""

_ANYBODY: Final = "process"
"""The target of a signal that any thread may take."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """From an event to another, by their numbers from 0, with threads and times in ns.

    `name` is the lock, the signal, or whatever else the two have to do with.
    """

    kind: str
    name: str
    start: int
    thread0: str
    t0: int
    end: int
    thread1: str
    t1: int


def arrows_of(events: Sequence[Event], bars: Iterable[Bar]) -> list[Arrow]:
    """The arrows of a run, by where they end."""
    found = [*_to_waits(events, bars), *_signals(events), *_messages(events), *_threads(events)]
    pairs = sorted((end, start, kind, name) for kind, name, start, end in found)
    return [_arrow(events, kind, name, start, end) for end, start, kind, name in pairs]


_Found = tuple[str, str, int, int]
"""Kind, name, and the numbers of both events."""


def _arrow(events: Sequence[Event], kind: str, name: str, start: int, end: int) -> Arrow:
    one, two = events[start], events[end]
    threads = (event.thread or OUTSIDE for event in (one, two))
    thread0, thread1 = threads
    return Arrow(kind, name, start, thread0, one.t, end, thread1, two.t)


def _to_waits(events: Sequence[Event], bars: Iterable[Bar]) -> Iterable[_Found]:
    """To the end of each wait, from the last event during it that could end it."""
    releases: dict[str, list[int]] = {}
    wakes: dict[tuple[str, str], list[int]] = {}
    for number, event in enumerate(events):
        name, fields = event.object, event.fields
        if event.event == "lock.release":
            releases.setdefault(name, []).append(number)
        elif event.event in ("wake", "chan.close"):
            for thread in dict.fromkeys(fields["woken"]):
                wakes.setdefault((thread, name), []).append(number)
        elif event.event == "group.add" and fields["count"] == 0:
            wakes.setdefault(("", name), []).append(number)
    for bar in bars:
        if bar.end is None:
            continue
        if bar.kind == WAIT and _is_met(bar, events[bar.end]):
            yield from _latest(UNLOCK, bar, releases.get(bar.name, ()))
        elif bar.kind == BLOCK:
            names = bar.name.split(", ")
            keys = [(thread, name) for thread in (bar.thread, "") for name in names]
            yield from _latest(WAKE, bar, sorted(one for key in keys for one in wakes.get(key, ())))


def _is_met(bar: Bar, last: Event) -> bool:
    """Whether a wait for a lock ended with the lock; a jump may have ended it."""
    return last.event == "lock.acquire" and last.object == bar.name


def _latest(kind: str, bar: Bar, numbers: Sequence[int]) -> Iterable[_Found]:
    assert bar.end is not None
    at = bisect(numbers, bar.end - 1) - 1
    if at >= 0 and numbers[at] > bar.start:
        yield kind, bar.name, numbers[at], bar.end


def _signals(events: Sequence[Event]) -> Iterable[_Found]:
    """Each instance is delivered once, the oldest first; a thread's own before the process's."""
    pending: dict[tuple[str, str], deque[int]] = {}
    for number, event in enumerate(events):
        kind, fields = event.event, event.fields
        if kind == "signal.send" and fields["fate"] == _QUEUED:
            pending.setdefault((fields["target"], fields["signal"]), deque()).append(number)
        elif kind in ("signal.deliver", "signal.take", "signal.drop"):
            signal = fields["signal"]
            if kind == "signal.drop" and fields["reason"] == "discarded":
                for key in [key for key in pending if key[1] == signal]:
                    del pending[key]
                continue
            queues = (pending.get((to, signal)) for to in (event.thread, _ANYBODY))
            queue = next((one for one in queues if one and _same(events[one[0]], event)), None)
            if queue:
                sent = queue.popleft()
                if kind != "signal.drop":
                    yield SIGNAL, signal, sent, number


def _same(sent: Event, got: Event) -> bool:
    """Whether this is what was sent, and no fault with the same signal."""
    if got.event != "signal.deliver":
        return True
    return all(sent.fields[name] == got.fields[name] for name in ("code", "sender"))


def _messages(events: Sequence[Event]) -> Iterable[_Found]:
    """Values come out of a channel in the order in which they went in."""
    sent: dict[str, deque[int]] = {}
    for number, event in enumerate(events):
        if event.event == "chan.send":
            sent.setdefault(event.object, deque()).append(number)
        elif event.event == "chan.receive" and event.fields["ok"] and sent.get(event.object):
            yield MESSAGE, event.object, sent[event.object].popleft(), number


def _threads(events: Sequence[Event]) -> Iterable[_Found]:
    spawned: dict[str, int] = {}
    ended: dict[str, int] = {}
    for number, event in enumerate(events):
        name = event.object
        if event.event == "thread.spawn" and event.thread:
            spawned[event.fields["child"]] = number
        elif event.event == "thread.start" and name in spawned:
            yield SPAWN, name, spawned.pop(name), number
        elif event.event == "thread.end":
            ended[event.thread] = number
        elif event.event == "thread.join" and event.fields["waited"] and name in ended:
            yield JOIN, name, ended[name], number
