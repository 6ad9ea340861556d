"""A trace: what prediction looks at in a run, and nothing else.

Threads, locks that exclude, and whatever else one thread can learn from another by. What is no
lock is a cell: who reads it learns from whoever wrote it last. Anything that threads do to one
object of another kind (a channel, a condition) is taken for a write that reads, which is more
order than there may be, and never less.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from emu.analysis.predict.mask import NOTHING, Mask, parse_mask
from emu.record.event import SEEN, TRIED, Event

ACQUIRE: Final = "acquire"
REQUEST: Final = "request"
"""A lock that a thread asks for and never gets."""
RELEASE: Final = "release"
READ: Final = "read"
WRITE: Final = "write"
UPDATE: Final = "update"
"""A read and a write in one."""
FORK: Final = "fork"
JOIN: Final = "join"
ENTER: Final = "enter"
"""A handler begins to run, on top of what its thread did; the mask is that during it."""
FAULT: Final = "fault"
"""The same, by a fault of the thread itself."""
RETURN: Final = "return"
"""The handler is over; the mask is that from then on."""
BLOCK: Final = "block"
"""A thread's mask is another from here on."""
HANDLE: Final = "handle"
"""A signal has a handler from here on; the mask is what it blocks besides the thread's."""
IGNORE: Final = "ignore"
"""A signal has none from here on."""


class Op(NamedTuple):
    """One operation of a thread: its kind, and on what: a lock, a cell, a signal, another thread.

    `shared`: a lock that others may share. `event` is the number of the event that it came from.
    `excused`: that the lock is asked for is no end of a wait, since the call need not wait for
    ever, or since the lock was acquired some time before.
    """

    thread: str
    kind: str
    what: str
    shared: bool = False
    mask: Mask = NOTHING
    event: int = -1
    excused: bool = False


@dataclass(frozen=True)
class Trace:
    """The operations of one run, in their order.

    Every lock is released by whoever acquired it, and acquired by nobody who has it, unless
    all who have it share it.
    """

    ops: tuple[Op, ...]
    regions: tuple[str, ...] = ()
    """The region of each operation, if that is known."""

    def region(self, op: int) -> str:
        """The region of an operation; empty where it is not known."""
        return self.regions[op] if self.regions else ""


NO_HANDLERS: Final = ("default", "ignore")
"""What a log calls the actions that are no function."""

SHARED: Final = "shared"
"""The mode in which several threads may have a lock."""

_KINDS: Final = {
    "thread.spawn": FORK,
    "thread.join": JOIN,
    "word.load": READ,
    "word.store": WRITE,
    "word.exchange": UPDATE,
    "word.cas": UPDATE,
    "word.add": UPDATE,
}
_IGNORED: Final = frozenset(
    ("thread.start", "thread.end", "thread.sleep", "thread.stall", "inject", "choice", "note")
)
"""What tells nobody anything."""


def trace_of(events: Iterable[Event]) -> Trace:
    """The trace of a run.

    A lock that one thread releases for another is no lock here but a cell, and so is one that a
    thread acquires again while it has it.
    """
    events = tuple(events)
    odd = _odd_locks(events)
    ops = []
    for number, event in enumerate(events):
        op = _op(event, number, odd)
        if op is not None:
            ops.append(op)
    kept = _without_requests_that_were_met(ops)
    return Trace(tuple(kept), tuple(events[op.event].region for op in kept))


def counts(kind: str, thread: str, what: str) -> bool:
    """Whether an event of this kind is an operation in any order of a run.

    That a thread waits for a lock depends on the others, so it is none.
    """
    if not thread or kind in _IGNORED or kind == "lock.wait":
        return False
    return bool(what) or kind.startswith("signal.")


def _op(event: Event, number: int, odd: frozenset[str]) -> Op | None:
    kind, what = event.event, event.object
    request = kind == "lock.wait" and what not in odd
    if not request and not counts(kind, event.thread, what):
        return None
    if kind in _LOCKS and what not in odd:
        mode = event.fields["mode"]
        excused = mode is not None and (mode == SEEN or mode.endswith(TRIED))
        shared = (mode or "").removesuffix(TRIED) == SHARED
        return Op(event.thread, _LOCKS[kind], what, shared, event=number, excused=excused)
    if kind.startswith("signal."):
        return _signal(event, number)
    return Op(event.thread, _KINDS.get(kind, UPDATE), what, event=number)


def _signal(event: Event, number: int) -> Op | None:
    fields = event.fields
    match event.event:
        case "signal.deliver":
            kind = ENTER if fields["sender"] else FAULT  # nobody sends a fault
            what, mask = fields["signal"], parse_mask(fields["mask"])
        case "signal.return":
            kind, what, mask = RETURN, fields["signal"], parse_mask(fields["mask"])
        case "signal.mask":
            kind, what, mask = BLOCK, "", parse_mask(fields["new"])
        case "signal.action" if fields["handler"] in NO_HANDLERS:
            kind, what, mask = IGNORE, fields["signal"], NOTHING
        case "signal.action":
            kind, what, mask = HANDLE, fields["signal"], parse_mask(fields["mask"])
            if "SA_NODEFER" not in fields["flags"].split():
                mask |= Mask(frozenset([what]))
        case _:
            return None
    return Op(event.thread, kind, what, mask=mask, event=number)


_LOCKS: Final = {"lock.acquire": ACQUIRE, "lock.wait": REQUEST, "lock.release": RELEASE}


def _odd_locks(events: tuple[Event, ...]) -> frozenset[str]:
    """Locks that are not released by whoever acquired them, or acquired twice.

    One that a thread acquires alone while another has it is several locks of one name.
    """
    held: dict[str, dict[str, int]] = {}
    odd: dict[str, None] = {}
    for event in events:
        owners = held.setdefault(event.object, {})
        if event.event == "lock.acquire":
            owners[event.thread] = owners.get(event.thread, 0) + 1
            alone = not (event.fields["mode"] or "").startswith(SHARED)
            if owners[event.thread] > 1 or (alone and len(owners) > 1):
                odd[event.object] = None
        elif event.event == "lock.release":
            if event.thread not in owners:
                odd[event.object] = None
            elif owners[event.thread] == 1:
                del owners[event.thread]
            else:
                owners[event.thread] -= 1
        elif event.event == "lock.destroy":
            odd[event.object] = None
    return frozenset(odd)


def _without_requests_that_were_met(ops: list[Op]) -> list[Op]:
    """A request says something only where it is the last that its thread did."""
    kept = []
    later: set[str] = set()
    for op in reversed(ops):
        if op.kind != REQUEST or op.thread not in later:
            kept.append(op)
        later.add(op.thread)
    kept.reverse()
    return kept
