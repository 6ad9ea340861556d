"""An event as a row, one flat mapping as it stands in a line of the log: there and back."""

from __future__ import annotations

from operator import itemgetter
from typing import Any, Final

from emu.record.event import (
    ANY,
    COMMON,
    COUNT,
    GIVEN,
    KINDS,
    NAMES,
    NEEDED,
    TEXT,
    TRUTH,
    Event,
    RawEvent,
    is_count,
    type_of,
)
from emu.record.place import is_place, resolve

_IS: Final[dict[str, tuple[type, str]]] = {
    TEXT: (str, "a text"),
    COUNT: (int, "a whole number of 64 bits"),
    TRUTH: (bool, "true or false"),
    NAMES: (list, "a list of texts"),
}
"""The type of what a field holds, and what that is called."""

_COMMON: Final = tuple((name, *_IS[type_of("", name)]) for name in COMMON[1:])
_OWN: Final = {
    kind: tuple(
        (name, *_IS[type_of(kind, name)], (kind, name) not in NEEDED)
        for name in own
        if type_of(kind, name) != ANY and (kind, name) not in GIVEN
    )
    for kind, own in KINDS.items()
}
"""What the fields hold that every event has, and those of each kind, with which may be null."""

_PLAIN: Final = (str, bool)
"""Types of which every value fits."""

_TYPES: Final = tuple(wanted for _, wanted, _ in _COMMON)
_COUNTS: Final = ("step", "t", "depth")
_common_of: Final = itemgetter(*COMMON[1:])

_FIELDS: Final = {kind: frozenset((*COMMON, *own)) for kind, own in KINDS.items()}


def row_of(raw: RawEvent) -> dict[str, Any]:
    """A raw event as a row, in the order of the schema."""
    kind, step, t, thread, depth, obj, code, lasti, region, values = raw
    row: dict[str, Any] = {
        "event": kind,
        "step": step,
        "t": t,
        "thread": thread,
        "depth": depth,
        "object": obj,
        "at": resolve(code, lasti),
        "region": region,
    }
    for name, value in zip(KINDS[kind], values, strict=True):
        row[name] = value  # noqa: PERF403 - by far quicker than `update`
    return row


def raw_of(row: dict[str, Any], *, newer: bool = False) -> RawEvent:
    """The raw event that a row holds; raises `ValueError` with what is wrong with it.

    A row of a `newer` emu may have more fields than this one knows; they are left out.
    """
    kind = row.get("event")
    own = KINDS.get(kind) if isinstance(kind, str) else None
    if own is None:
        raise ValueError(f"{kind!r} is no kind of event")
    fields = _FIELDS[row["event"]]
    if row.keys() != fields and not (newer and row.keys() > fields):
        raise ValueError(f"a {kind!r} event has the fields {', '.join((*COMMON, *own))}")
    step, t, thread, depth, obj, at, region = common = _common_of(row)
    if tuple(map(type, common)) != _TYPES or not all(map(is_count, _COUNTS, (step, t, depth))):
        raise ValueError(_wrong_with(row))
    for name, wanted, words, optional in _OWN[row["event"]]:
        value = row[name]
        if type(value) is wanted:
            if wanted in _PLAIN or _fits(name, value):
                continue
        elif value is None and optional:
            continue
        raise ValueError(f"{name!r} is {value!r}, not {words}{', or null' * optional}")
    if not is_place(at):
        raise ValueError(f"'at' is {at!r}, not of the form file:line:function")
    values = tuple([row[name] for name in own])
    return row["event"], step, t, thread, depth, obj, at, -1, region, values


def _wrong_with(row: dict[str, Any]) -> str:
    """What is wrong with a field that every event has."""
    return next(
        f"{name!r} is {row[name]!r}, not {words}"
        for name, wanted, words in _COMMON
        if type(row[name]) is not wanted or not _fits(name, row[name])
    )


def _fits(name: str, value: object) -> bool:
    """Whether a field can hold a value that is of the type of what it holds."""
    if isinstance(value, list):
        return all(type(one) is str for one in value)
    return type(value) is not int or is_count(name, value)


def event_of(row: dict[str, Any]) -> Event:
    """The event that a row holds, which is known to be one."""
    event, step, t, thread, depth, obj, at, region = (row[name] for name in COMMON)
    own = {name: row[name] for name in KINDS[event]}
    return Event(event, step, t, thread, depth, obj, at, region, own)


def event_read(raw: RawEvent) -> Event:
    """The event that `raw_of` made this of: its values are those of a line already."""
    kind, step, t, thread, depth, obj, at, _, region, values = raw
    own = dict(zip(KINDS[kind], values, strict=True))
    return Event(kind, step, t, thread, depth, obj, resolve(at, -1), region, own)
