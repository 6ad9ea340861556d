"""Lanes: a run as a drawing has it."""

from __future__ import annotations

import pytest

from emu.analysis.lanes import MARKS, lanes_of
from emu.analysis.steps import OUTSIDE
from emu.campaign.catalogue import bundled
from emu.record.event import KINDS
from tests.analysis.histories import event, history, inversion
from tests.analysis.lanes_checked import checked, with_locks_alone
from tests.analysis.runs import runs_of


@pytest.mark.parametrize("name", bundled())
async def test_lanes_say_what_events_and_findings_do(name: str) -> None:
    for run in await runs_of(name, 2):
        checked(run)
        checked(with_locks_alone(run))


@pytest.mark.parametrize("name", ["fault_in_malloc_among", "philosophers", "handler_takes_lock"])
async def test_a_log_of_locks_alone_gives_the_same_holds_and_waits(name: str) -> None:
    for run in await runs_of(name, 5):
        whole, part = lanes_of(run), lanes_of(with_locks_alone(run))
        for kind in ("hold", "wait"):
            ours, theirs = (
                [
                    (bar.thread, bar.name, bar.t0, bar.at, bar.depth, bar.end is None)
                    for bar in lanes.bars
                    if bar.kind == kind
                ]
                for lanes in (whole, part)
            )
            assert ours == theirs


def test_threads_come_in_the_order_of_their_births() -> None:
    lanes = lanes_of(
        history(
            [
                event("thread.spawn", 0, "", "main", child="main"),
                event("thread.start", 0, "main", "main"),
                event("thread.spawn", 1, "main", "b", child="b"),
                event("thread.spawn", 1, "main", "a", child="a"),
                event("thread.start", 2, "a", "a"),
                event("thread.end", 3, "a", "a"),
            ]
        )
    )
    born = [(lane.name, lane.birth, lane.start, lane.end) for lane in lanes.threads]
    assert born == [("main", 0, 1, None), ("b", 2, None, None), ("a", 3, 4, 5)]


def test_a_thread_that_never_ended_lasts_as_long_as_the_run() -> None:
    lanes = lanes_of(inversion())
    assert [(lane.end, lane.t1, lane.step1) for lane in lanes.threads] == [(None, 9_000, 8)] * 2


def test_what_no_thread_did_is_in_the_last_lane() -> None:
    lanes = lanes_of(
        history([event("timer.fire", 1, "", timer="t"), event("thread.start", 2, "main", "main")])
    )
    assert [lane.name for lane in lanes.threads] == ["main", OUTSIDE]
    assert [(mark.thread, mark.kind, mark.text) for mark in lanes.marks] == [
        (OUTSIDE, "timer", "t fires")
    ]


def test_a_run_without_events_has_no_lanes() -> None:
    assert lanes_of(history([])).threads == ()


def test_marks_are_of_events_that_there_are() -> None:
    assert set(MARKS) <= set(KINDS)
