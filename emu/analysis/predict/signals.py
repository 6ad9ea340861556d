"""Signal safety: what handlers would ask for, had their signals come at any other moment.

Where a thread stands, any signal that it does not block may come, also while it waits for a
lock. So the handler is run there on paper: on top of the locks that the thread holds, with the
mask that it would have, and within it the handlers of the signals that are still open. What it
asks for there is an acquire like any other (`acquires`), and takes part in the search for
cycles. That goes beyond lockdep's rules, which look at pairs of a lock and a context: two
threads may wait for each other through two signals, with no lock at fault alone.

A signal from outside may come to any thread that does not block it. A fault comes of what a
thread does: it is let come in those regions alone in which some run had one of its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from emu.analysis.predict import trace
from emu.analysis.predict.acquires import Acquire, Held, Occurrence
from emu.analysis.predict.clocks import segments_of
from emu.analysis.predict.mask import NOTHING, Mask
from emu.analysis.predict.stacks import Arrival, Frame, walk
from emu.analysis.predict.trace import Trace


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a log, and the place in the program that it speaks of."""

    path: str
    line: int
    at: str


class Moment(NamedTuple):
    """Where a handler stands: what it holds, and what it has changed of the mask it began with."""

    held: frozenset[Held]
    added: Mask
    removed: Mask


class Ask(NamedTuple):
    """A handler asks for a lock, at a moment of it."""

    wanted: Held
    moment: Moment


@dataclass
class Handler:
    """What is known of a handler: each of its moments, and each acquire with its first line.

    `takes` has the first line at which it acquires a lock; `regions` are those in which it came.
    """

    moments: dict[Moment, None] = field(default_factory=dict)
    asks: dict[Ask, Line | None] = field(default_factory=dict)
    takes: dict[str, Line | None] = field(default_factory=dict)
    regions: dict[str, None] = field(default_factory=dict)
    injected: Mapping[str, Any] | None = None

    @property
    def telling(self) -> list[Moment]:
        """The moments at which another handler may do what it could not without this one."""
        return [one for one in self.moments if one.held or one.removed != NOTHING]


def _nowhere(_: int) -> None:
    return None


@dataclass
class Handlers:
    """What is known of the handlers: for each signal what it blocks, and what its handler did.

    Of several runs, one after the other; a handler that never ran is not known.
    """

    blocks: dict[str, Mask] = field(default_factory=dict)
    known: dict[Arrival, Handler] = field(default_factory=dict)

    @property
    def ask(self) -> bool:
        """Whether any of them asks for a lock."""
        return any(handler.asks for handler in self.known.values())

    def learn(
        self,
        run: Trace,
        line: Callable[[int], Line | None] = _nowhere,
        injected: Callable[[int], Mapping[str, Any] | None] = _nowhere,
    ) -> None:
        """What the handlers did in a run.

        `line` gives the line of an operation, and `injected` the row of the chaos plan that
        brought a handler by that operation.
        """
        for number, (stack, _, op) in enumerate(walk(run)):
            if op.kind == trace.HANDLE:
                self.blocks[op.what] = op.mask
            elif op.kind in (trace.ENTER, trace.FAULT):
                handler = self.known.setdefault(Arrival(op.what, op.kind == trace.FAULT), Handler())
                handler.regions[op.region] = None
                handler.injected = handler.injected or injected(number)
            frame = stack[-1]
            if frame.arrival is None:
                continue
            handler = self.known[frame.arrival]
            moment = _moment(frame)
            handler.moments[moment] = None
            if op.kind in (trace.ACQUIRE, trace.REQUEST) and not op.excused:
                ask = Ask(Held(op.what, op.shared), moment)
                if ask not in handler.asks:
                    handler.asks[ask] = line(number)
                if op.what not in handler.takes:
                    handler.takes[op.what] = line(number)


def _moment(frame: Frame) -> Moment:
    return Moment(
        frozenset(frame.held), frame.mask.without(frame.began), frame.began.without(frame.mask)
    )


class Asking(NamedTuple):
    """A thread, interrupted at operation `op`, asks for a lock in the handlers of `path`.

    `outer` has for each lock that it then holds the operation by which it does, which is `op`
    for those that are taken in a handler, `taken` by whom. `asks` is where the handler asks.
    """

    op: int
    path: tuple[Arrival, ...]
    outer: Mapping[str, int]
    taken: Mapping[str, Arrival]
    asks: Line | None


class SelfDeadlock(NamedTuple):
    """A thread would ask for a lock, in handlers, that it holds itself."""

    thread: str
    lock: str
    asking: Asking


class _Stand(NamedTuple):
    """Where a thread stands: by which operations it holds what, its mask, in which handlers."""

    held: Mapping[Held, int]
    mask: Mask
    path: tuple[Arrival, ...] = ()
    taken: Mapping[str, Arrival] = {}


class Expansion:
    """What the handlers would ask for, anywhere in a run: `acquires`, and `selves`.

    `asking` says of each acquire, by its operation, how it comes to be, in the fewest handlers; so
    do `selves`, one for each thread, lock and handler that asks.
    """

    def __init__(self, run: Trace, handlers: Handlers) -> None:
        self.acquires: dict[Acquire, list[Occurrence]] = {}
        self.asking: dict[tuple[Acquire, int], Asking] = {}
        self.selves: dict[tuple[str, str, Arrival], SelfDeadlock] = {}
        self._handlers = handlers
        known = {arrival: one for arrival, one in handlers.known.items() if one.moments}
        if not known:
            return
        segments = segments_of(run)
        seen: set[object] = set()
        for number, (stack, handled, op) in enumerate(walk(run)):
            if len(stack) > 1:
                continue
            base = stack[0]
            may = _may(known, handled, op.region)
            if not may:
                continue
            held = frozenset((one, segments[at]) for one, at in base.held.items())
            key = op.thread, held, base.mask, may, segments[number]
            if key not in seen:
                seen.add(key)
                self._expand(op.thread, number, _Stand(dict(base.held), base.mask), may)

    def _expand(self, thread: str, at: int, stand: _Stand, may: tuple[Arrival, ...]) -> None:
        """Let each signal come that may, and each handler get to each of its moments."""
        known = self._handlers.known
        came = {arrival.signal for arrival in stand.path}
        for arrival in may:
            if arrival.signal in came or stand.mask.blocks(arrival.signal):
                continue
            handler, path = known[arrival], (*stand.path, arrival)
            for (wanted, moment), line in handler.asks.items():
                self._ask(thread, at, _on_top(stand, moment, at, arrival), wanted, path, line)
            telling = handler.telling
            if telling:
                mask = stand.mask | self._handlers.blocks.get(arrival.signal, NOTHING)
                for moment in telling:
                    on_top = _on_top(stand, moment, at, arrival)
                    if on_top is not None:
                        held, taken = on_top
                        inside = mask.without(moment.removed) | moment.added
                        self._expand(thread, at, _Stand(held, inside, path, taken), may)

    def _ask(
        self,
        thread: str,
        at: int,
        on_top: tuple[Mapping[Held, int], Mapping[str, Arrival]] | None,
        wanted: Held,
        path: tuple[Arrival, ...],
        line: Line | None,
    ) -> None:
        if on_top is None or not on_top[0]:
            return
        held, taken = on_top
        asking = Asking(at, path, {one.lock: outer for one, outer in held.items()}, taken, line)
        for one in held:
            if one.lock == wanted.lock:
                if not (one.shared and wanted.shared):
                    alone = thread, wanted.lock, path[-1]
                    best = self.selves.get(alone)
                    if best is None or len(path) < len(best.asking.path):
                        self.selves[alone] = SelfDeadlock(thread, wanted.lock, asking)
                return
        acquire = Acquire(thread, *wanted, frozenset(held))
        known = self.asking.get((acquire, at))
        if known is None or len(path) < len(known.path):
            self.asking[acquire, at] = asking
        self.acquires.setdefault(acquire, []).append(Occurrence(at, dict(asking.outer)))


def _may(
    known: Mapping[Arrival, Handler], handled: frozenset[str], region: str
) -> tuple[Arrival, ...]:
    """Which of the known handlers may come to run in a region."""
    return tuple(
        arrival
        for arrival, handler in sorted(known.items())
        if arrival.signal in handled and (not arrival.fault or region in handler.regions)
    )


def _on_top(
    stand: _Stand, moment: Moment, at: int, arrival: Arrival
) -> tuple[Mapping[Held, int], Mapping[str, Arrival]] | None:
    """What is held in both together; None if a lock would have to be held twice."""
    if not moment.held:
        return stand.held, stand.taken
    below = {one.lock for one in stand.held}
    if any(one.lock in below for one in moment.held):
        return None
    more = sorted(moment.held)
    taken = {**stand.taken, **{one.lock: arrival for one in more}}
    return {**stand.held, **dict.fromkeys(more, at)}, taken
