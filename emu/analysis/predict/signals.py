"""Signal safety: what handlers would ask for, had their signals come at any other moment.

Where a thread stands, any signal that it does not block may come, also while it waits for a
lock. So the handler is run there on paper: on top of the locks that the thread holds, with the
mask that it would have, and within it the handlers of the signals that are still open. What it
asks for there is an acquire like any other (`acquires`), and takes part in the search for
cycles. That goes beyond lockdep's rules, which look at pairs of a lock and a context: two
threads may wait for each other through two signals, with no lock at fault alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from emu.analysis.predict import trace
from emu.analysis.predict.acquires import Acquire, Held, Occurrence
from emu.analysis.predict.clocks import segments_of
from emu.analysis.predict.mask import NOTHING, Mask
from emu.analysis.predict.trace import Op, Trace


class SelfDeadlock(NamedTuple):
    """A thread would ask for a lock, in the handlers of `signals`, that it holds itself.

    `op` is where it stands, `outer` where it acquired the lock.
    """

    thread: str
    lock: str
    signals: tuple[str, ...]
    op: int
    outer: int


class _Moment(NamedTuple):
    """Where a handler stands: what it holds, and what it has changed of the mask it began with."""

    held: frozenset[Held]
    added: Mask
    removed: Mask


@dataclass
class Handlers:
    """What is known of the handlers: for each signal what it blocks, and what its handler did.

    Of several runs, one after the other; a handler that never ran is not known.
    """

    blocks: dict[str, Mask] = field(default_factory=dict)
    moments: dict[str, dict[_Moment, None]] = field(default_factory=dict)
    acquires: dict[str, dict[tuple[Held, _Moment], None]] = field(default_factory=dict)

    def learn(self, run: Trace) -> None:
        """What the handlers did in a run."""
        for stack, _, op in walk(run):
            if op.kind == trace.HANDLE:
                self.blocks[op.what] = op.mask
            if len(stack) == 1:
                continue
            frame = stack[-1]
            moment = _Moment(
                frozenset(frame.held),
                frame.mask.without(frame.began),
                frame.began.without(frame.mask),
            )
            self.moments.setdefault(frame.signal, {})[moment] = None
            if op.kind in (trace.ACQUIRE, trace.REQUEST):
                wanted = Held(op.what, op.shared)
                self.acquires.setdefault(frame.signal, {})[wanted, moment] = None


@dataclass
class Frame:
    """What a thread does at one depth: in a handler, or below all of them (`signal` is empty)."""

    signal: str
    mask: Mask
    began: Mask
    held: dict[Held, int] = field(default_factory=dict)


def walk(run: Trace) -> Iterator[tuple[list[Frame], frozenset[str], Op]]:
    """Each operation with where its thread stands before it, and which signals have handlers."""
    stacks: dict[str, list[Frame]] = {}
    handled: frozenset[str] = frozenset()
    for number, op in enumerate(run.ops):
        stack = stacks.setdefault(op.thread, [Frame("", NOTHING, NOTHING)])
        yield stack, handled, op
        frame = stack[-1]
        match op.kind:
            case trace.ACQUIRE:
                frame.held[Held(op.what, op.shared)] = number
            case trace.RELEASE:
                for one in stack:
                    one.held.pop(Held(op.what, op.shared), None)
            case trace.FORK:
                stacks[op.what] = [Frame("", frame.mask, frame.mask)]
            case trace.BLOCK:
                frame.mask = op.mask
            case trace.ENTER:
                stack.append(Frame(op.what, op.mask, op.mask))
            case trace.RETURN if len(stack) > 1:
                stack.pop()
                stack[-1].mask = op.mask
            case trace.HANDLE:
                handled |= {op.what}
            case trace.IGNORE:
                handled -= {op.what}


class _Stand(NamedTuple):
    """Where a thread stands: by which operations it holds what, its mask, in which handlers."""

    held: Mapping[Held, int]
    mask: Mask
    signals: tuple[str, ...] = ()


class Expansion:
    """What the handlers would ask for, anywhere in a run: `acquires`, and `selves`.

    `signals` says of each acquire in which handlers it is asked for, the first time.
    """

    def __init__(self, run: Trace, handlers: Handlers) -> None:
        self.acquires: dict[Acquire, list[Occurrence]] = {}
        self.signals: dict[Acquire, tuple[str, ...]] = {}
        self.selves: dict[tuple[str, str, tuple[str, ...]], SelfDeadlock] = {}
        self._handlers = handlers
        segments = segments_of(run)
        seen: set[object] = set()
        for number, (stack, handled, op) in enumerate(walk(run)):
            if len(stack) > 1:
                continue
            base = stack[0]
            held = frozenset((one, segments[at]) for one, at in base.held.items())
            key = op.thread, held, base.mask, handled, segments[number]
            if key not in seen:
                seen.add(key)
                stand = _Stand(dict(base.held), base.mask)
                self._expand(op.thread, number, stand, sorted(handled))

    def _expand(self, thread: str, at: int, stand: _Stand, handled: list[str]) -> None:
        """Let each signal come that may, and each handler get to each of its moments."""
        known = self._handlers
        for signal in handled:
            if signal in stand.signals or stand.mask.blocks(signal):
                continue
            path = (*stand.signals, signal)
            for wanted, moment in known.acquires.get(signal, ()):
                self._ask(thread, at, _on_top(stand, moment, at), wanted, path)
            mask = stand.mask | known.blocks.get(signal, NOTHING)
            for moment in known.moments.get(signal, ()):
                held = _on_top(stand, moment, at)
                if held is not None:
                    inside = mask.without(moment.removed) | moment.added
                    self._expand(thread, at, _Stand(held, inside, path), handled)

    def _ask(
        self,
        thread: str,
        at: int,
        held: Mapping[Held, int] | None,
        wanted: Held,
        signals: tuple[str, ...],
    ) -> None:
        if not held:
            return
        for one, outer in held.items():
            if one.lock == wanted.lock:
                if not (one.shared and wanted.shared):
                    deadlock = SelfDeadlock(thread, wanted.lock, signals, at, outer)
                    self.selves.setdefault(deadlock[:3], deadlock)
                return
        acquire = Acquire(thread, *wanted, frozenset(held))
        outer_of = {one.lock: outer for one, outer in held.items()}
        self.signals.setdefault(acquire, signals)
        self.acquires.setdefault(acquire, []).append(Occurrence(at, outer_of))


def _on_top(stand: _Stand, moment: _Moment, at: int) -> Mapping[Held, int] | None:
    """What is held in both together; None if a lock would have to be held twice."""
    below = {one.lock for one in stand.held}
    if any(one.lock in below for one in moment.held):
        return None
    return {**stand.held, **dict.fromkeys(sorted(moment.held), at)}
