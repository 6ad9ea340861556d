"""The kinds of event and their fields: the log's schema, once.

Every event has the fields of `COMMON`; each kind adds its own, in the order of `KINDS`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import CodeType
from typing import Any, Final

COMMON: Final = ("event", "step", "t", "thread", "depth", "object", "at", "region")
"""Kind; step; time in ns; thread; handlers deep; object; place; regions, outermost first."""

KINDS: Final[dict[str, tuple[str, ...]]] = {
    # threads
    "thread.spawn": ("child",),
    "thread.start": (),
    "thread.end": ("result",),
    "thread.join": ("waited",),
    "thread.sleep": ("duration",),
    "thread.stall": ("duration",),
    "thread.suspend": (),
    "thread.resume": (),
    # locks: one vocabulary for every primitive that excludes
    "lock.wait": ("held_by", "mode"),
    "lock.acquire": ("waited", "contended", "held_by", "mode"),
    "lock.release": ("mode",),
    "lock.fail": ("error", "mode"),
    "lock.destroy": (),
    # waits on a primitive that has no owner
    "wait.begin": ("what",),
    "wait.end": ("what", "woken"),
    "wake": ("what", "woken"),
    # channels; `partner` is the thread on the other side, if it met one
    "chan.send": ("value", "partner"),
    "chan.receive": ("value", "ok", "partner"),
    "chan.close": ("woken",),
    "select": ("ready", "taken"),
    # what else goroutines wait for
    "group.add": ("delta", "count"),
    "once": ("ran",),
    "cancel": ("reason",),
    # shared words
    "word.load": ("value", "atomic"),
    "word.store": ("value", "atomic"),
    "word.exchange": ("old", "value"),
    "word.cas": ("old", "value", "swapped"),
    "word.add": ("old", "value"),
    # signals
    "signal.send": ("signal", "target", "code", "sender", "fate", "chosen"),
    "signal.deliver": ("signal", "code", "address", "stack", "sender", "mask"),
    "signal.enter": ("signal",),
    "signal.return": ("signal", "mask"),
    "signal.drop": ("signal", "reason"),
    "signal.take": ("signal",),
    "signal.mask": ("how", "old", "new"),
    "signal.action": ("signal", "handler", "flags", "mask"),
    "signal.stack": ("base", "size", "flags"),
    "process.stop": ("signal",),
    "process.continue": (),
    "process.exit": ("status",),
    "process.kill": ("signal", "core"),
    # the rest of what a process does
    "fault": ("signal", "address", "code"),
    "syscall": ("call", "result", "error"),
    "alloc": ("size", "result"),
    "free": ("size",),
    "timer.arm": ("timer", "when", "interval"),
    "timer.fire": ("timer",),
    "print": ("text",),
    "note": ("text",),
    "inject": ("injection", "entry", "detail"),
    "choice": ("kind", "options", "option"),
}
"""Each kind of event with the names of its own fields."""

TEXT: Final = "text"
COUNT: Final = "whole number"
TRUTH: Final = "true or false"
NAMES: Final = "list of texts"
ANY: Final = "any value"

_FIELDS: Final[dict[str, str]] = {
    TEXT: "event thread object at region child held_by mode error what partner reason signal "
    "target sender fate chosen stack mask how old new handler call text injection detail timer "
    "woken flags kind",
    COUNT: "step t depth duration waited delta count code address base size status when interval "
    "entry taken options option",
    TRUTH: "contended ok ran atomic swapped core",
    ANY: "result value ready",
}
_BUT: Final[dict[tuple[str, str], str]] = {
    ("thread.join", "waited"): TRUTH,
    ("wake", "woken"): NAMES,
    ("chan.close", "woken"): NAMES,
    ("signal.stack", "flags"): COUNT,
    ("word.exchange", "old"): ANY,
    ("word.cas", "old"): ANY,
    ("word.add", "old"): ANY,
}
_TYPES: Final = {name: type_ for type_, names in _FIELDS.items() for name in names.split()}
assert _TYPES.keys() == {*COMMON, *(name for own in KINDS.values() for name in own)}


GIVEN: Final = frozenset({("note", "text"), ("print", "text"), ("cancel", "reason")})
"""Texts that the program gives, which may give any value: what a log has then is that value, and a
table its JSON."""

_NEEDED: Final[dict[str, str]] = {
    "thread.spawn": "child",
    "thread.sleep": "duration",
    "thread.stall": "duration",
    "wake": "woken",
    "chan.close": "woken",
    "signal.send": "signal",
    "signal.deliver": "signal mask",
    "signal.enter": "signal",
    "signal.return": "signal mask",
    "signal.drop": "signal",
    "signal.take": "signal",
    "signal.mask": "new",
    "signal.action": "signal handler flags mask",
    "inject": "injection entry",
}
NEEDED: Final = frozenset((kind, name) for kind, names in _NEEDED.items() for name in names.split())
"""Fields that are never null, in no log of emu's: without them an event says nothing."""
assert all(name in KINDS[kind] for kind, name in NEEDED)


WIDE: Final = frozenset({"address", "base", "size", "seed"})
"""Whole numbers that have no sign and may take all of 64 bits; the others have one."""

_SIGNED: Final = range(-(1 << 63), 1 << 63)
_UNSIGNED: Final = range(1 << 64)


def type_of(kind: str, name: str) -> str:
    """What a field holds: `TEXT`, `COUNT`, `TRUTH`, `NAMES`, or `ANY` value of JSON.

    What is `GIVEN` is any value all the same, and a field of a kind's own may be null unless it is
    `NEEDED`.
    """
    return _BUT.get((kind, name)) or _TYPES[name]


def is_count(name: str, value: object) -> bool:
    """Whether a value is a whole number that a field of this name can hold."""
    return type(value) is int and value in (_UNSIGNED if name in WIDE else _SIGNED)


SEEN: Final = "seen"
"""The mode of an acquisition that only a later moment shows: its thread has the lock by then.

Logs of emu's own runs have none. What the thread had when it asked for the lock is not known.
"""

TRIED: Final = " tried"
"""What the mode of a lock ends with where a call asks for it that need not wait for ever."""

LOCK_KINDS: Final = frozenset(
    {
        "lock.wait",
        "lock.acquire",
        "lock.release",
        "lock.fail",
        "lock.destroy",
        "thread.start",
        "thread.end",
    }
)
"""What the log level `locks` keeps."""


RawEvent = tuple[str, int, int, str, int, str, CodeType | str | None, int, str, tuple[Any, ...]]
"""An event as the machine appends it: the common fields, with the code object and the
instruction in place of `at`, then the kind's own. A bare tuple, because it is made so often.
An event that was read from a log has the text of `at` for its code."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event, as it stands in the log. `at` is `file.py:line:function`, or empty."""

    event: str
    step: int
    t: int
    thread: str
    depth: int
    object: str
    at: str
    region: str
    fields: dict[str, Any] = field(default_factory=dict)
