"""Evidence: which lines of a log show who holds what, and asks for what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from emu.analysis.predict.acquires import Acquire
from emu.analysis.predict.signals import Asking, Handlers, Line
from emu.analysis.predict.stacks import Arrival, inside
from emu.analysis.predict.trace import Trace
from emu.record.logs import Logged
from emu.record.shape import Shape


@dataclass(frozen=True, slots=True)
class Cause:
    """What has to happen to a thread for a handler to run where no run had it.

    A signal from outside; or a fault, with the row of the chaos plan that brings such ones.
    """

    signal: str
    fault: bool
    injected: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Waits:
    """A thread of a circle: it holds `holds` since `since`, and asks for `lock` at `asks`.

    With `signals` it asks in their handlers, the last on top; `holder` is that in which it took
    what it holds. If no run had these handlers there, `causes` says what has to come, in this
    order, at `interrupted`, where it holds `below`.
    """

    thread: str
    holds: str
    since: Line
    lock: str
    asks: Line
    signals: tuple[str, ...] = ()
    holder: str = ""
    causes: tuple[Cause, ...] = ()
    interrupted: Line | None = None
    below: tuple[str, ...] = ()


class Scribe:
    """Writes down where the operations of one run are, in its log and in the program."""

    def __init__(self, run: Logged, trace: Trace) -> None:
        self.run = run
        self.trace = trace
        self.events: tuple[Shape, ...] = run.history.shapes

    @cached_property
    def handlers(self) -> dict[int, tuple[Arrival, ...]]:
        """The handlers that an operation is in, for each that is in any."""
        return inside(self.trace)

    def signals(self, op: int) -> tuple[str, ...]:
        """The signals in whose handlers an operation is, the last on top."""
        here = self.handlers.get(op)
        return () if here is None else tuple(one.signal for one in here)

    def at(self, op: int) -> str:
        """The place of an operation in the program."""
        return self.events[self.trace.events[op]].at

    def line(self, op: int) -> Line:
        """The line of an operation."""
        number = self.trace.events[op]
        return Line(self.run.path, self.run.line_of(number), self.events[number].at)

    def injected(self, op: int) -> Mapping[str, Any] | None:
        """The row of the chaos plan that brought the fault whose handler an operation enters."""
        number = self.trace.events[op]
        thread = self.events[number].thread
        mine = [one for one in self.events[:number] if one.thread == thread]
        for event in reversed(mine):
            if event.event == "inject" and event.fields["injection"] == "fault":
                plan, entry = self.run.history.info.chaos, event.fields["entry"]
                return plan[entry] if entry in range(len(plan)) else None
            if event.event == "signal.deliver":
                break
        return None

    def waits(self, acquire: Acquire, holds: str, op: int, outer: Mapping[str, int]) -> Waits:
        """One thread of a circle, that asks by `op`, and has what it holds by `outer`."""
        since, asks = outer[holds], self.line(op)
        signals, holder = self.signals(op), self.signals(since)[-1:]
        return Waits(
            acquire.thread, holds, self.line(since), acquire.lock, asks, signals, "".join(holder)
        )

    def interrupted(
        self, thread: str, holds: str, lock: str, asking: Asking, handlers: Handlers
    ) -> Waits:
        """One thread of a circle, that asks in handlers which no run had there."""
        here = self.line(asking.op)
        taker = asking.taken.get(holds)
        since = self.line(asking.outer[holds])
        if taker is not None:
            since = handlers.known[taker].takes.get(holds) or since
        return Waits(
            thread,
            holds,
            since,
            lock,
            asking.asks or here,
            tuple(one.signal for one in asking.path),
            taker.signal if taker is not None else "",
            tuple(Cause(*one, handlers.known[one].injected) for one in asking.path),
            here,
            tuple(sorted(one for one in asking.outer if one not in asking.taken)),
        )
