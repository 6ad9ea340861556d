"""Condition variables in one run: who waited for news, knowing what, and who gave it.

News of a condition is not remembered, so what counts is what a waiter looks at, with its mutex
held, before it waits. Other primitives remember (a semaphore its value, a note its word), and a
futex compares its word by itself: none of these is looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from emu.analysis.predict.clocks import Clocks, clocks
from emu.analysis.predict.evidence import Scribe
from emu.analysis.predict.trace import ACQUIRE, READ, RELEASE, UPDATE, WRITE, Op, Trace
from emu.record.shape import Shape

CONDITION: Final = "cond"
"""What a log calls the wait for a condition."""

WAIT: Final = "wait"
NOTIFY: Final = "notify"
"""Operations that order nothing by themselves."""

WORD: Final = "word."
"""How the kinds of event begin that touch a shared word."""

_NEWS: Final = ("wait.begin", "wait.end", "wake")


class Section(NamedTuple):
    """What a thread did with a mutex held: the operation that acquired it, and what it read.

    `reads` has the first operation that read each cell, `words` what it saw in each shared word.
    """

    begin: int
    reads: dict[str, int]
    words: dict[str, str]


@dataclass
class Wait:
    """A wait: operation `op` began it, right after the `mutex` was given up.

    `section` is what its thread did before with the mutex held, `since` the first operation by
    which it held a lock then, and `locks` all that it held. `after` is what it did, woken, with
    the mutex held again, up to where it gave that up at `over`; None: it did not come so far.
    """

    op: int
    thread: str
    condition: str
    mutex: str
    section: Section
    since: int
    locks: frozenset[str]
    ended: bool = False
    after: Section | None = None
    over: int = -1


class Notice(NamedTuple):
    """News: whom it woke, and what its giver held."""

    op: int
    thread: str
    condition: str
    woken: tuple[str, ...]
    locks: frozenset[str]


class _Left(NamedTuple):
    """A mutex that a thread has just given up: all that it held before."""

    mutex: str
    held: dict[str, Section]


@dataclass
class Conditions:
    """All that one run says of conditions.

    `skipped` are the sections that were over without a wait, each with its mutex.
    """

    trace: Trace
    order: Clocks
    waits: list[Wait] = field(default_factory=list)
    notices: dict[str, list[Notice]] = field(default_factory=dict)
    skipped: list[tuple[str, Section]] = field(default_factory=list)


def has_conditions(shape: Shape) -> bool:
    """Whether an event tells of a condition."""
    return shape.event in _NEWS and shape.fields["what"] == CONDITION


def conditions_of(scribe: Scribe) -> Conditions:
    """What a run says of its conditions, in the order of the operations."""
    told = list(_told(scribe))
    trace = Trace(tuple(op for _, op in told), tuple(number for number, _ in told))
    found = Conditions(trace, clocks(trace))
    held: dict[str, dict[str, Section]] = {}
    left: dict[str, _Left] = {}
    waiting: dict[str, Wait] = {}
    for number, op in enumerate(trace.ops):
        mine = held.setdefault(op.thread, {})
        event = scribe.events[trace.events[number]]
        before = left.pop(op.thread, None)
        if before is not None and op.kind == WAIT:
            wait = waiting[op.thread] = _wait(number, op, before)
            found.waits.append(wait)
        elif before is not None:
            found.skipped.append((before.mutex, before.held[before.mutex]))
        if op.kind == ACQUIRE:
            mine[op.what] = Section(number, {}, {})
            if op.thread in waiting and waiting[op.thread].mutex == op.what:
                waiting[op.thread].after = mine[op.what]
        elif op.kind == RELEASE and op.what in mine:
            left[op.thread] = _Left(op.what, dict(mine))
            del mine[op.what]
            if op.thread in waiting and waiting[op.thread].mutex == op.what:
                waiting.pop(op.thread).over = number
        elif op.kind == NOTIFY:
            woken, locks = tuple(event.fields["woken"]), frozenset(mine)
            notice = Notice(number, op.thread, op.what, woken, locks)
            found.notices.setdefault(op.what, []).append(notice)
        elif op.kind in (READ, UPDATE):
            _read(mine, number, op, event)
        if event.event == "wait.end" and op.thread in waiting:
            waiting[op.thread].ended = True
    found.skipped += [(one.mutex, one.held[one.mutex]) for one in left.values()]
    return found


def _told(scribe: Scribe) -> Iterator[tuple[int, Op]]:
    """The operations, where news goes from its giver to whom it wakes, and no other way.

    Each comes with the number of its event.
    """
    for number, op in zip(scribe.trace.events, scribe.trace.ops, strict=True):
        event = scribe.events[number]
        if not has_conditions(event):
            yield number, op
        elif event.event == "wait.begin":
            yield number, op._replace(kind=WAIT)
        elif event.event == "wait.end":
            yield number, op._replace(kind=READ, what=_cell(op.what, op.thread))
        else:
            yield number, op._replace(kind=NOTIFY)
            for thread in event.fields["woken"]:
                yield number, op._replace(kind=WRITE, what=_cell(op.what, thread))


def _cell(condition: str, thread: str) -> str:
    """What carries the news of a condition to a thread."""
    return f"news of {condition} for {thread}"


def _wait(number: int, op: Op, left: _Left) -> Wait:
    since = min(section.begin for section in left.held.values())
    section = left.held[left.mutex]
    return Wait(number, op.thread, op.what, left.mutex, section, since, frozenset(left.held))


def _read(mine: dict[str, Section], number: int, op: Op, event: Shape) -> None:
    for section in mine.values():
        section.reads.setdefault(op.what, number)
        if event.event.startswith(WORD):
            seen = event.fields["value" if event.event == "word.load" else "old"]
            section.words.setdefault(op.what, repr(seen))
