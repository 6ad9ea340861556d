"""What is predicted of generated traces, against all their other orders."""

from __future__ import annotations

from typing import Any

import pytest

from emu.analysis.predict.acquires import Cycle
from emu.analysis.predict.goodlock import goodlock
from emu.analysis.predict.syncpreserving import Deadlock, sync_preserving
from emu.analysis.predict.trace import Trace
from tests.analysis.predict.generated import random_trace
from tests.analysis.predict.oracle import Orders, Pattern

KINDS: tuple[dict[str, Any], ...] = (
    {"threads": 3, "locks": 3, "cells": 1, "steps": 24},
    {"threads": 4, "locks": 4, "cells": 0, "steps": 28},
    {"threads": 3, "locks": 4, "cells": 1, "steps": 34},
)
FEW = range(100)
MANY = range(100, 2_100)


def traces(seeds: range) -> list[Trace]:
    return [random_trace(seed, **KINDS[seed % len(KINDS)]) for seed in seeds]


def patterns(cycles: list[Cycle]) -> set[Pattern]:
    return {frozenset(cycle) for cycle in cycles}


def certain(trace: Trace) -> set[Pattern]:
    return patterns([one.cycle for one in sync_preserving(trace)])


def wrong(seeds: range) -> list[str]:
    """What is said of these traces that their orders do not say, and what is not said."""
    mistakes = []
    known = 0
    for seed, trace in zip(seeds, traces(seeds), strict=True):
        preserving = Orders(trace, sections=True).deadlocks()
        known += len(preserving)
        if certain(trace) != preserving:
            mistakes.append(f"{seed}: certain is not what is preserving")
        if not Orders(trace, sections=False).deadlocks() <= patterns(goodlock(trace)):
            mistakes.append(f"{seed}: GoodLock misses some")
    assert known > len(seeds) // 10
    return mistakes


def test_certain_are_exactly_the_sync_preserving_and_goodlock_misses_none() -> None:
    assert wrong(FEW) == []


@pytest.mark.slow
def test_certain_are_exactly_the_sync_preserving_over_many_traces() -> None:
    assert wrong(MANY) == []


def test_every_schedule_gets_to_its_deadlock() -> None:
    shown = [(trace, one) for trace in traces(FEW) for one in sync_preserving(trace)]
    assert len(shown) > 10
    for trace, one in shown:
        assert gets_there(trace, one)


def gets_there(trace: Trace, deadlock: Deadlock) -> bool:
    """Whether the schedule can be done, and each of the cycle then waits for the next."""
    owner: dict[str, str] = {}
    for number in deadlock.schedule:
        op = trace.ops[number]
        if op.kind == "acquire":
            assert op.what not in owner
            owner[op.what] = op.thread
        elif op.kind == "release":
            assert owner.pop(op.what) == op.thread
    waiting = [trace.ops[number] for number in deadlock.waiting]
    following = [*waiting[1:], waiting[0]]
    return all(
        owner[one.what] == other.thread for one, other in zip(waiting, following, strict=True)
    )


def test_a_cycle_comes_once() -> None:
    for trace in traces(FEW):
        cycles = [frozenset(cycle) for cycle in goodlock(trace)]
        assert len(cycles) == len(set(cycles))
