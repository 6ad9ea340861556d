"""Appends events to a machine's history: who, when, where, in as few instructions as can be."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, Final

from emu.engine.clock import STEP, Clock
from emu.record.event import RawEvent

if TYPE_CHECKING:
    from emu.engine.thread import Thread

_EMU: Final = Path(__file__).resolve().parent.parent
_INTERNAL: Final = (
    *(f"{_EMU / layer}/" for layer in ("engine", "posix", "gosync", "chaos")),
    *(str(_EMU / "goruntime" / file) for file in ("lock.py", "note.py", "syscalls.py")),
    warnings.__file__,  # stands between us and a coroutine that was dropped
)
_internal_files: dict[str, bool] = {}

Standing = tuple[CodeType | None, int]
"""A place in the program: the code and the instruction."""


def is_internal(filename: str) -> bool:
    """Whether this file is part of a primitive, so that the place of an event is its caller."""
    answer = _internal_files.get(filename)
    if answer is None:
        answer = _internal_files[filename] = filename.startswith(_INTERNAL)
    return answer


class Recorder:
    """The events of one machine, and the fields that every event has."""

    __slots__ = ("clock", "current", "events", "step")

    current: Thread

    def __init__(self) -> None:
        self.events: list[RawEvent] = []
        self.step = 0
        self.clock = Clock(self.reckon)

    def reckon(self) -> None:
        """The timers have changed."""

    @property
    def now(self) -> int:
        """Virtual time, in ns since the start of the run."""
        return self.clock.offset + self.step * STEP

    def record(self, kind: str, obj: str = "", *values: Any) -> None:
        """Append an event of the current thread; its place is the nearest frame outside emu.

        The caller is a primitive, so the search begins with the frame that called it.
        """
        thread = self.current
        step = self.step
        if thread.id < 0:
            code, lasti = None, -1
        else:
            frame = sys._getframe(2)
            code, lasti = frame.f_code, frame.f_lasti
            if _internal_files.get(code.co_filename) is not False:
                code, lasti = _program(frame)
        self.events.append(
            (
                kind,
                step,
                self.clock.offset + step * STEP,
                thread.name,
                thread.depth,
                obj,
                code,
                lasti,
                thread.region,
                values,
            )
        )

    def record_for(
        self, thread: Thread, place: Standing, kind: str, obj: str, *values: Any
    ) -> RawEvent:
        """Append an event of a thread that stands at `place`, whoever is running."""
        raw = (kind, self.step, self.now, thread.name, thread.depth, obj, *place)
        event: RawEvent = (*raw, thread.region, values)
        self.events.append(event)
        return event


def standing() -> Standing:
    """Where the program stands that has called the primitive which asks."""
    return _program(sys._getframe(2))


def _program(frame: FrameType | None) -> Standing:
    """The code and instruction of the nearest frame of the program, from `frame` outwards."""
    while frame is not None and is_internal(frame.f_code.co_filename):
        frame = frame.f_back
    return (None, -1) if frame is None else (frame.f_code, frame.f_lasti)
