"""Shapes of events: all that a line of a log says but its step and its time.

Most lines of a log are of few shapes. Each shape is read once, and whatever is found out about
it is so of every event that has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final, NamedTuple, overload

from emu.record.event import KINDS, Event, RawEvent
from emu.record.line import parse
from emu.record.place import resolve
from emu.record.row import raw_of

KEPT: Final = 1 << 14
"""So many shapes are kept."""

SHORT: Final = 1 << 10
"""Of lines that have no more bytes behind their time."""

_NUMBER: Final = "(0|[1-9][0-9]{0,17})"
_LINES: Final = re.compile(
    rf'^{{"event":"([a-z.]+)","step":{_NUMBER},"t":{_NUMBER},(.*)$'.encode(), re.MULTILINE
)
"""Lines as they are written: the kind, the step, the time, and the rest, which is the shape."""

_APART: Final = (-1, -2)
"""What stands for step and time in the one line of a shape that is read."""


@dataclass(slots=True, eq=False)  # not frozen: such are made four times as quickly
class Shape:
    """What an event says, whenever it happens: the fields of `Event` but `step` and `t`.

    Two that are alike may be two: each is equal to itself alone. Nothing of it changes. `values`
    are those of the kind's own fields, in the order of `KINDS`.
    """

    event: str
    thread: str
    depth: int
    object: str
    at: str
    region: str
    values: tuple[Any, ...]

    @classmethod
    def of(cls, one: Event) -> Shape:
        """The shape of an event."""
        values = tuple(one.fields[name] for name in KINDS[one.event])
        return cls(one.event, one.thread, one.depth, one.object, one.at, one.region, values)

    @property
    def fields(self) -> dict[str, Any]:
        """The kind's own fields, by name."""
        return dict(zip(KINDS[self.event], self.values, strict=True))

    def raw(self, step: int, t: int) -> RawEvent:
        """The raw event of this shape at a step and a time."""
        own = (self.thread, self.depth, self.object, self.at, -1, self.region, self.values)
        return (self.event, step, t, *own)


class Lines(NamedTuple):
    """Whole lines of a log, those of `text` from `start` to `end`."""

    text: bytes
    start: int
    end: int


class Told(Sequence[RawEvent]):
    """The raw events of some lines as they are written, which are made when they are asked for.

    Raises `ValueError` if any of the lines is spelled otherwise, or is not that of an event.
    """

    def __init__(self, lines: Sequence[Lines]) -> None:
        self._lines = lines
        shapes: list[Shape] = []
        for one in lines:
            shapes += [
                (_known_shape if len(rest) <= SHORT else _shape)(kind, rest)
                for kind, _, _, rest in _LINES.findall(*one)
            ]
        if len(shapes) != sum(text.count(b"\n", start, end) for text, start, end in lines):
            raise ValueError("not as lines are written")
        self.shapes: Final = tuple(shapes)

    @cached_property
    def _raw(self) -> list[RawEvent]:
        times = (found for one in self._lines for found in _LINES.findall(*one))
        return [
            shape.raw(int(step), int(t))
            for shape, (_, step, t, _) in zip(self.shapes, times, strict=True)
        ]

    def __len__(self) -> int:
        return len(self.shapes)

    def __iter__(self) -> Iterator[RawEvent]:
        return iter(self._raw)

    @overload
    def __getitem__(self, at: int) -> RawEvent: ...
    @overload
    def __getitem__(self, at: slice) -> list[RawEvent]: ...
    def __getitem__(self, at: int | slice) -> RawEvent | list[RawEvent]:
        return self._raw[at]


def _shape(kind: bytes, rest: bytes) -> Shape:
    """The shape that lines of a kind have which end so."""
    step, t = _APART
    raw = raw_of(parse(b'{"event":"%b","step":%d,"t":%d,%b' % (kind, step, t, rest)))
    event, *apart, thread, depth, obj, at, _, region, values = raw
    if event.encode() != kind or tuple(apart) != _APART:
        raise ValueError("a field is there twice")
    return Shape(event, thread, depth, obj, resolve(at, -1), region, values)


_known_shape = lru_cache(maxsize=KEPT)(_shape)
