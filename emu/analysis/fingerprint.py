"""The fingerprint of a run: equal for schedules that differ only in the order of what commutes.

It is taken from the history alone. Two events of different threads are ordered when they are
done to one object, unless both only look at it; what a thread does is ordered by itself. Every
event is hashed together with those right before it in that order, and the fingerprint is the
sum over all events (A. Mazurkiewicz, 1977, for traces; the sum is commutative, so that the
schedule leaves no mark), together with the outcome. That a thread had to wait is left out, and
that it began: who waits for a lock and who has not come to it yet are alike, and so are who has
begun and waits for its first, and who has not begun.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Final

from emu.record.event import RawEvent
from emu.record.history import History

LOOKS: Final = frozenset({"word.load", "thread.join"})
"""Kinds of event that leave their object as it is."""

SKIPPED: Final = frozenset({"lock.wait", "wait.begin", "thread.spawn", "thread.start"})
"""Kinds that say only that a thread waits or may do something, or what others say again."""

SAID: Final = frozenset({"choice", "inject", "print", "note", "process.exit", "process.kill"})
"""Kinds whose own fields are no consequence of the order."""

_MASK: Final = (1 << 64) - 1


def fingerprint(history: History) -> str:
    """The fingerprint of a run, as 16 hexadecimal digits: equal on every machine."""
    return f"{fingerprint_number(history):016x}"


def fingerprint_number(history: History) -> int:
    """The fingerprint as a whole number below 2**64."""
    total = _code("outcome", history.outcome.name, "")
    threads: dict[str, int] = {}
    changed: dict[str, int] = {}
    looked: dict[str, int] = {}
    for raw in history.raw:
        kind = raw[0]
        if kind in SKIPPED:
            continue
        thread, name = raw[3], raw[5]
        made = _mix(_code(kind, thread, name), threads.get(thread, 0))
        if kind in SAID:
            made = _mix(made, _code(*_fields(raw)))
        if name:
            made = _mix(made, changed.get(name, 0))
            if kind in LOOKS:
                looked[name] = (looked.get(name, 0) + made) & _MASK
            else:
                changed[name] = made = _mix(made, looked.pop(name, 0))
        threads[thread] = made
        total = (total + made) & _MASK
    return total


def _fields(raw: RawEvent) -> tuple[str, str, str]:
    return repr(raw[9]), "", ""


def _mix(one: int, other: int) -> int:
    """A hash of two numbers of 64 bits, in this order."""
    word = (one * 0x9E3779B97F4A7C15 + other) & _MASK
    word ^= word >> 29
    return word * 0xBF58476D1CE4E5B9 & _MASK


@lru_cache(maxsize=65_536)
def _code(kind: str, thread: str, name: str) -> int:
    text = f"{kind}\0{thread}\0{name}".encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big")
