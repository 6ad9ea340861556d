"""An event as a row, one flat mapping as it stands in a line of the log: there and back."""

from __future__ import annotations

from typing import Any, Final

from emu.record.event import COMMON, KINDS, Event, RawEvent
from emu.record.place import is_place, resolve

_TEXT: Final = "a text"
_COUNT: Final = "a whole number"

_COMMON: Final[dict[str, tuple[type, str]]] = {
    "step": (int, _COUNT),
    "t": (int, _COUNT),
    "thread": (str, _TEXT),
    "depth": (int, _COUNT),
    "object": (str, _TEXT),
    "at": (str, _TEXT),
    "region": (str, _TEXT),
}
"""What the fields hold that every event has."""


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


def raw_of(row: dict[str, Any]) -> RawEvent:
    """The raw event that a row holds; raises `ValueError` with what is wrong with it."""
    kind = row.get("event")
    own = KINDS.get(kind) if isinstance(kind, str) else None
    if own is None:
        raise ValueError(f"{kind!r} is no kind of event")
    if row.keys() != _FIELDS[row["event"]]:
        raise ValueError(f"a {kind!r} event has the fields {', '.join((*COMMON, *own))}")
    for name, (wanted, words) in _COMMON.items():
        if type(row[name]) is not wanted:
            raise ValueError(f"{name!r} is {row[name]!r}, not {words}")
    if not is_place(row["at"]):
        raise ValueError(f"'at' is {row['at']!r}, not of the form file:line:function")
    return (
        row["event"],
        row["step"],
        row["t"],
        row["thread"],
        row["depth"],
        row["object"],
        row["at"],
        -1,
        row["region"],
        tuple([row[name] for name in own]),
    )


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
