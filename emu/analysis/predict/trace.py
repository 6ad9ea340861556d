"""A trace: what prediction looks at in a run, and nothing else.

Threads, locks that exclude, and whatever else one thread can learn from another by. What is no
lock is a cell: who reads it learns from whoever wrote it last. Anything that threads do to one
object of another kind (a channel, a condition) is taken for a write that reads, which is more
order than there may be, and never less.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from emu.analysis.predict.mask import NOTHING, Mask, parse_mask
from emu.record.event import SEEN, TRIED
from emu.record.shape import KEPT, Shape

ACQUIRE: Final = "acquire"
REQUEST: Final = "request"
"""A lock that a thread asks for and never gets."""
RELEASE: Final = "release"
OF_LOCKS: Final = frozenset((ACQUIRE, REQUEST, RELEASE))
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

    `shared`: a lock that others may share. `excused`: that the lock is asked for is no end of a
    wait, since the call need not wait for ever, or since the lock was acquired some time before.
    `region` is empty where it is not known.
    """

    thread: str
    kind: str
    what: str
    shared: bool = False
    mask: Mask = NOTHING
    excused: bool = False
    region: str = ""


@dataclass(frozen=True)
class Trace:
    """The operations of one run, in their order.

    Every lock is released by whoever acquired it, and acquired by nobody who has it, unless
    all who have it share it.
    """

    ops: tuple[Op, ...]
    events: tuple[int, ...] = ()
    """The number of the event that each operation came from, if that is known."""

    @cached_property
    def of_locks(self) -> tuple[tuple[int, Op], ...]:
        """The operations on locks, with their numbers."""
        return tuple((number, op) for number, op in enumerate(self.ops) if op.kind in OF_LOCKS)


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


def trace_of(shapes: Iterable[Shape]) -> Trace:
    """The trace of a run, of the shapes of all its events.

    A lock that one thread releases for another is no lock here but a cell, and so is one that a
    thread acquires again while it has it.
    """
    shapes = tuple(shapes)
    of_locks = [shape for shape in shapes if shape.event in _CHANGES]
    odd = _odd_locks(of_locks)
    found = (
        [_op_on_cell(one) if one.object in odd else _op(one) for one in shapes]
        if odd
        else map(_op, shapes)
    )
    told = [(number, op) for number, op in enumerate(found) if op is not None]
    if any(shape.event == "lock.wait" for shape in of_locks):
        told = _without_requests_that_were_met(told)
    return Trace(tuple([op for _, op in told]), tuple([number for number, _ in told]))


def counts(kind: str, thread: str, what: str) -> bool:
    """Whether an event of this kind is an operation in any order of a run.

    That a thread waits for a lock depends on the others, so it is none.
    """
    if not thread or kind in _IGNORED or kind == "lock.wait":
        return False
    return bool(what) or kind.startswith("signal.")


@lru_cache(maxsize=KEPT)
def _op(shape: Shape) -> Op | None:
    """What an event of this shape does."""
    return _made(shape, odd=False)


@lru_cache(maxsize=KEPT)
def _op_on_cell(shape: Shape) -> Op | None:
    """What one does whose object is no lock, whatever the log calls it."""
    return _made(shape, odd=True)


def _made(shape: Shape, *, odd: bool) -> Op | None:
    kind, what = shape.event, shape.object
    request = kind == "lock.wait" and not odd
    if not request and not counts(kind, shape.thread, what):
        return None
    if kind in _LOCKS and not odd:
        mode = shape.fields["mode"]
        excused = mode is not None and (mode == SEEN or mode.endswith(TRIED))
        shared = (mode or "").removesuffix(TRIED) == SHARED
        return Op(shape.thread, _LOCKS[kind], what, shared, excused=excused, region=shape.region)
    if kind.startswith("signal."):
        return _signal(shape)
    return Op(shape.thread, _KINDS.get(kind, UPDATE), what, region=shape.region)


def _signal(shape: Shape) -> Op | None:
    fields = shape.fields
    match shape.event:
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
    return Op(shape.thread, kind, what, mask=mask, region=shape.region)


_LOCKS: Final = {"lock.acquire": ACQUIRE, "lock.wait": REQUEST, "lock.release": RELEASE}


_CHANGES: Final = frozenset((*_LOCKS, "lock.destroy"))


def _odd_locks(shapes: Sequence[Shape]) -> frozenset[str]:
    """Locks that are not released by whoever acquired them, or acquired twice.

    One that a thread acquires alone while another has it is several locks of one name.
    """
    held: dict[str, dict[str, int]] = {}
    odd: dict[str, None] = {}
    for shape in shapes:
        owners = held.setdefault(shape.object, {})
        if shape.event == "lock.acquire":
            owners[shape.thread] = owners.get(shape.thread, 0) + 1
            if owners[shape.thread] > 1 or (
                len(owners) > 1 and not (shape.fields["mode"] or "").startswith(SHARED)
            ):
                odd[shape.object] = None
        elif shape.event == "lock.release":
            if shape.thread not in owners:
                odd[shape.object] = None
            elif owners[shape.thread] == 1:
                del owners[shape.thread]
            else:
                owners[shape.thread] -= 1
        elif shape.event == "lock.destroy":
            odd[shape.object] = None
    return frozenset(odd)


def _without_requests_that_were_met(told: list[tuple[int, Op]]) -> list[tuple[int, Op]]:
    """A request says something only where it is the last that its thread did."""
    last = {op.thread: number for number, op in told}
    return [(number, op) for number, op in told if op.kind != REQUEST or last[op.thread] == number]
