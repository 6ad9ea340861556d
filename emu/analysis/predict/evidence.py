"""Evidence: which lines of a log show who holds what, and asks for what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from emu.analysis.predict.acquires import Acquire
from emu.analysis.predict.signals import walk
from emu.analysis.predict.trace import Trace
from emu.record.event import Event
from emu.record.logs import Logged


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a log, and the place in the program that it speaks of."""

    path: str
    line: int
    at: str


@dataclass(frozen=True, slots=True)
class Waits:
    """A thread of a circle: it holds `holds` since `since`, and asks for `lock` at `asks`.

    With `signals` it does so in their handlers, the last on top.
    """

    thread: str
    holds: str
    since: Line
    lock: str
    asks: Line
    signals: tuple[str, ...] = ()


class Scribe:
    """Writes down where the operations of one run are, in its log and in the program."""

    def __init__(self, run: Logged, trace: Trace) -> None:
        self.run = run
        self.trace = trace
        self.events: tuple[Event, ...] = run.history.events

    @cached_property
    def handlers(self) -> dict[int, tuple[str, ...]]:
        """The signals in whose handlers an operation is, for each that is in any."""
        return {
            number: tuple(frame.signal for frame in stack[1:])
            for number, (stack, _, _) in enumerate(walk(self.trace))
            if len(stack) > 1
        }

    def at(self, op: int) -> str:
        """The place of an operation in the program."""
        return self.events[self.trace.ops[op].event].at

    def line(self, op: int) -> Line:
        """The line of an operation."""
        number = self.trace.ops[op].event
        return Line(self.run.path, self.run.line_of(number), self.events[number].at)

    def waits(
        self,
        acquire: Acquire,
        holds: str,
        op: int,
        outer: Mapping[str, int],
        signals: tuple[str, ...] = (),
    ) -> Waits:
        """One thread of a circle, that asks by `op`, and has what it holds by `outer`."""
        since, asks = self.line(outer[holds]), self.line(op)
        return Waits(acquire.thread, holds, since, acquire.lock, asks, signals)
