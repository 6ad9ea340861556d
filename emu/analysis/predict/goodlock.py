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


def goodlock(
    trace: Trace, expanded: Mapping[Acquire, list[Occurrence]] | None = None
) -> list[Cycle]:
    """The cycles of a trace that may be deadlocks, in the order of their first acquires.

    `expanded` are acquires that it does not have, but may have had (`signals`).
    """
    found = abstract_acquires(trace)
    for acquire, times in (expanded or {}).items():
        found.setdefault(acquire, []).extend(times)
    order = clocks(trace, reads=False)
    segments = segments_of(trace)
    return [
        cycle
        for cycle in cycles(list(found))
        if together(spans_of(cycle, found, segments), order) is not None
    ]


def spans_of(
    cycle: Cycle, found: Mapping[Acquire, list[Occurrence]], segments: list[int]
) -> list[list[Span]]:
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
