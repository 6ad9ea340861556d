"""How many threads can run, and how many wait for locks."""

from __future__ import annotations

import pytest

from emu.analysis.bars import HANDLER, HELD_UP, WAIT
from emu.analysis.lanes import Lanes, lanes_of
from emu.analysis.loads import Load, loads_of
from emu.record.event import Event
from tests.analysis.histories import acquire, event, history, inversion, signal, wait
from tests.analysis.runs import runs_of


def loads(*events: Event) -> list[tuple[int, ...]]:
    return [tuple(load) for load in loads_of(lanes_of(history(events)))]


def test_a_thread_can_run_from_its_birth_to_its_end() -> None:
    made = loads(
        event("thread.start", 0, "A", "A"),
        event("thread.spawn", 1, "A", "B", child="B"),
        event("thread.start", 3, "B", "B"),
        event("thread.end", 4, "B", "B"),
    )
    assert made == [(0, 1, 0), (1_000, 2, 0), (4_000, 1, 0)]


def test_a_thread_that_waits_for_a_lock_cannot() -> None:
    made = loads(event("thread.start", 0, "A", "A"), wait(2, "A", "x", "B"), acquire(5, "A", "x"))
    assert made == [(0, 1, 0), (2_000, 0, 1), (5_000, 1, 0)]


def test_its_handler_can() -> None:
    made = loads(
        event("thread.start", 0, "A", "A"),
        wait(2, "A", "x", "B"),
        signal("enter", 3, "A", 1),
        signal("return", 4, "A", 0),
        acquire(5, "A", "x"),
    )
    assert made == [(0, 1, 0), (2_000, 0, 1), (3_000, 1, 0), (4_000, 0, 1), (5_000, 1, 0)]


def test_a_thread_that_sleeps_neither_runs_nor_waits_for_a_lock() -> None:
    made = loads(
        event("thread.start", 0, "A", "A"),
        event("thread.sleep", 1, "A", duration=2_000),
        event("print", 8, "A", text=""),
    )
    assert made == [(0, 1, 0), (1_000, 0, 0), (3_000, 1, 0)]


def test_at_a_deadlock_nobody_runs() -> None:
    assert [*loads_of(lanes_of(inversion()))][-1] == Load(8_000, 0, 2)


@pytest.mark.parametrize("name", ["bounded_buffer", "fault_in_malloc_among", "kubernetes81091"])
async def test_the_counts_are_those_of_each_moment(name: str) -> None:
    for run in await runs_of(name, 3):
        lanes = lanes_of(run)
        changes = list(loads_of(lanes))
        times = sorted({t for bar in lanes.bars for t in (bar.t0, bar.t1)} - {lanes.end})
        for t in times:
            load = [one for one in changes if one.t <= t][-1]
            assert load[1:] == counted(lanes, t)


def counted(lanes: Lanes, t: int) -> tuple[int, int]:
    """The counts right after the moment `t`, one thread after the other."""
    runnable = waiting = 0
    for lane in lanes.threads:
        if lane.t0 > t or (lane.end is not None and lane.t1 <= t):
            continue
        inside = [
            bar
            for bar in lanes.bars
            if bar.thread == lane.name and bar.kind in (*HELD_UP, HANDLER) and bar.t0 <= t < bar.t1
        ]
        inside.sort(key=lambda bar: (bar.depth, bar.kind != HANDLER))
        held_up = bool(inside) and inside[-1].kind in HELD_UP
        runnable += not held_up
        waiting += held_up and inside[-1].kind == WAIT
    return runnable, waiting
