"""GoodLock: the wide net. It misses no deadlock that another order of a run has, and cries wolf.

K. Havelund: Using Runtime Analysis to Guide Model Checking of Java Programs, SPIN 2000; gates
and segments after S. Bensalem, K. Havelund: Dynamic Deadlock Analysis of Multi-Threaded
Programs, Haifa Verification Conference 2005. A cycle counts if its acquires can all be there at
one time as far as the threads' beginnings and ends say: none of them is over before another of
them has what it holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import permutations, product
from typing import NamedTuple

from emu.analysis.predict.acquires import Acquire, Cycle, Occurrence, abstract_acquires, cycles
from emu.analysis.predict.clocks import Clocks, clocks, segments_of
from emu.analysis.predict.trace import Trace


class Span(NamedTuple):
    """From where a lock is held until another is asked for: two operations."""

    outer: int
    inner: int


Times = Mapping[Acquire, list[Occurrence]]
"""Acquires with each time that they happened, or may have."""


def goodlock(trace: Trace, expanded: Times | None = None) -> list[Cycle]:
    """The cycles of a trace that may be deadlocks, in the order of their first acquires.

    `expanded` are acquires that it does not have, but may have had (`signals`).
    """
    return [cycle for cycle, _ in shown(trace, abstract_acquires(trace), expanded or {})]


def shown(trace: Trace, known: Times, expanded: Times) -> Iterator[tuple[Cycle, tuple[Span, ...]]]:
    """Each of the cycles with a place for each of its acquires, such that all can be there at once.

    `known` are the abstract acquires of the trace.
    """
    found = dict(known)
    for acquire, times in expanded.items():
        found[acquire] = [*found.get(acquire, ()), *times]
    every = cycles(found)
    if every:
        order, segments = clocks(trace, reads=False), segments_of(trace)
        for cycle in every:
            spans = together(spans_of(cycle, found, segments), order)
            if spans is not None:
                yield cycle, spans


def spans_of(cycle: Cycle, found: Times, segments: list[int]) -> list[list[Span]]:
    """Where each acquire of a cycle has what the one before it asks for."""
    return [
        list(_spans(found[acquire], cycle[at - 1].lock, segments))
        for at, acquire in enumerate(cycle)
    ]


def together(spans: list[list[Span]], order: Clocks) -> tuple[Span, ...] | None:
    """One of each, none of which is over before another begins; None if there are none."""
    for chosen in product(*spans):
        if not any(before(one.inner, other.outer, order) for one, other in permutations(chosen, 2)):
            return chosen
    return None


def before(op: int, other: int, order: Clocks) -> bool:
    """Whether `op` must be over before `other` can begin."""
    return order.before[other][order.thread[op]] >= order.own[op]


def _spans(times: list[Occurrence], lock: str, segments: list[int]) -> Iterator[Span]:
    """Where `lock` is held, once for each pair of segments: within one no order tells apart."""
    seen: set[tuple[int, int]] = set()
    for op, outer in times:
        span = Span(outer[lock], op)
        key = segments[span.outer], segments[span.inner]
        if key not in seen:
            seen.add(key)
            yield span
