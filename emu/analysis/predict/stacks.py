"""Where each thread stands at every operation: in which handlers, with what held and blocked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from emu.analysis.predict import trace
from emu.analysis.predict.acquires import Held
from emu.analysis.predict.mask import NOTHING, Mask
from emu.analysis.predict.trace import Op, Trace


class Arrival(NamedTuple):
    """How a handler comes to run: its signal, and whether the thread raised it by a fault.

    A handler may do one thing when it is told of a fault and another when it is not.
    """

    signal: str
    fault: bool = False


@dataclass
class Frame:
    """What a thread does at one depth: in a handler, or below all of them (no `arrival`)."""

    arrival: Arrival | None
    mask: Mask
    began: Mask
    held: dict[Held, int] = field(default_factory=dict)


Stack = list[Frame]

_STILL: Final = frozenset((trace.READ, trace.WRITE, trace.UPDATE, trace.JOIN, trace.REQUEST))
"""What leaves a thread where it stands."""


def walk(run: Trace) -> Iterator[tuple[Stack, frozenset[str], Op]]:
    """Each operation with where its thread stands before it, and which signals have handlers."""
    stacks: dict[str, Stack] = {}
    handled: frozenset[str] = frozenset()
    for number, op in enumerate(run.ops):
        stack = stacks.get(op.thread)
        if stack is None:
            stack = stacks[op.thread] = [Frame(None, NOTHING, NOTHING)]
        yield stack, handled, op
        if op.kind in _STILL:
            continue
        frame = stack[-1]
        match op.kind:
            case trace.ACQUIRE:
                frame.held[Held(op.what, op.shared)] = number
            case trace.RELEASE:
                for one in stack:
                    one.held.pop(Held(op.what, op.shared), None)
            case trace.FORK:
                stacks[op.what] = [Frame(None, frame.mask, frame.mask)]
            case trace.BLOCK:
                frame.mask = op.mask
            case trace.ENTER | trace.FAULT:
                arrival = Arrival(op.what, op.kind == trace.FAULT)
                stack.append(Frame(arrival, op.mask, op.mask))
            case trace.RETURN if len(stack) > 1:
                stack.pop()
                stack[-1].mask = op.mask
            case trace.HANDLE:
                handled |= {op.what}
            case trace.IGNORE:
                handled -= {op.what}


def inside(run: Trace) -> dict[int, tuple[Arrival, ...]]:
    """The handlers that an operation is in, the last on top, for each that is in any."""
    found: dict[int, tuple[Arrival, ...]] = {}
    within: dict[str, tuple[Arrival, ...]] = {}
    for number, op in enumerate(run.ops):
        here = within.get(op.thread)
        if here:
            found[number] = here
        if op.kind in _STILL:
            continue
        if op.kind in (trace.ENTER, trace.FAULT):
            within[op.thread] = (*(here or ()), Arrival(op.what, op.kind == trace.FAULT))
        elif op.kind == trace.RETURN and here:
            within[op.thread] = here[:-1]
        elif op.kind == trace.FORK:
            within.pop(op.what, None)
    return found
