"""How long locks are waited for and held."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from emu.analysis.lanes import Lanes, lanes_of
from emu.analysis.report.contention import Contention, LockUse, times_of
from tests.analysis.histories import event, history, inversion
from tests.analysis.tables.logs import histories, written

CONTENDED = [
    event("lock.acquire", 1, "T1", "left", 3, waited=0),
    event("lock.wait", 2, "T2", "left", 4, held_by="T1"),
    event("lock.release", 5, "T1", "left", 6),
    event("lock.acquire", 7, "T2", "left", 4, waited=5000, contended=True),
    event("lock.release", 9, "T2", "left", 8),
]


def locks(*runs: list) -> dict[str, LockUse]:
    contention = Contention()
    for events in runs:
        contention.look(lanes_of(history(events)))
    return {one.name: one for one in contention.locks()}


def test_acquisitions_and_those_after_a_wait_are_counted() -> None:
    left = locks(CONTENDED, CONTENDED)["left"]
    assert (left.acquired, left.contended, left.share) == (4, 2, 0.5)


def test_waits_and_holds_are_measured_in_ns() -> None:
    left = locks(CONTENDED)["left"]
    assert (left.waits.spread.max, left.holds.spread.max, left.holds.spread.total) == (
        5_000,
        4_000,
        6_000,
    )


def test_the_longest_wait_has_its_thread_and_its_place() -> None:
    left = locks(CONTENDED)["left"]
    assert (left.longest_thread, left.longest_at) == ("T2", "inversion.py:4:worker")


def test_a_wait_that_never_ended_is_no_acquisition() -> None:
    contention = Contention()
    contention.look(lanes_of(inversion()))
    assert [(one.acquired, one.contended, one.stuck) for one in contention.locks()] == [
        (1, 0, 1),
        (1, 0, 1),
    ]


def test_what_is_held_in_a_handler_is_counted() -> None:
    events = [
        event("signal.enter", 1, "T1", depth=1, signal="SIGUSR1"),
        event("lock.acquire", 2, "T1", "log", 9, depth=1, waited=0),
        event("lock.release", 3, "T1", "log", 9, depth=1),
    ]
    assert locks(events)["log"].handlers == 1


def test_a_wait_that_was_given_up_is_no_acquisition() -> None:
    events = [
        event("lock.acquire", 1, "T1", "left", 3, waited=0),
        event("lock.wait", 2, "T2", "left", 4, held_by="T1"),
        event("lock.fail", 7, "T2", "left", 4, error="ETIMEDOUT"),
    ]
    left = locks(events)["left"]
    assert (left.acquired, left.contended, left.waits.bins, left.stuck) == (1, 0, (), 0)


def is_shared_twice(lanes: Lanes, name: str) -> bool:
    """Whether a thread holds it twice at once: which release ends which hold, no log says."""
    holds = [one for one in lanes.bars if (one.kind, one.name) == ("hold", name)]
    return any(
        one.thread == other.thread and one.start < other.start < (one.end or other.start + 1)
        for one in holds
        for other in holds
    )


async def test_it_says_the_same_as_the_tables_that_are_asked_in_sql(tmp_path: Path) -> None:
    pytest.importorskip("duckdb", reason="duckdb is not installed")
    from emu.analysis.tables.locks import locks as asked
    from emu.analysis.tables.tables import Tables

    made: dict[str, Contention] = {}
    twice: set[tuple[str, str]] = set()
    runs = await histories()
    for run in runs:
        lanes, scenario = lanes_of(run), run.info.scenario
        made.setdefault(scenario, Contention()).look(lanes)
        names = {one.name for one in lanes.bars}
        twice |= {(scenario, name) for name in names if is_shared_twice(lanes, name)}
    with Tables([written(tmp_path / "a.jsonl", runs)]) as tables:
        told = {(one.scenario, one.lock): one for one in asked(tables)}
    drawn = {
        (scenario, one.name): one
        for scenario, contention in made.items()
        for one in contention.locks()
    }
    assert drawn.keys() == told.keys()
    assert len(drawn.keys() - twice) > 20
    for key in drawn.keys() - twice:
        ours, theirs = drawn[key], told[key]
        assert (ours.acquired, ours.contended) == (theirs.acquisitions, theirs.contended)
        assert (ours.stuck, ours.handlers) == (theirs.stuck, theirs.in_handlers)
        assert (ours.waits.spread, ours.holds.spread) == (theirs.waits, theirs.holds)


@given(st.lists(st.integers(0, 10**12)))
def test_every_time_is_in_one_bin(times: list[int]) -> None:
    bins = times_of(Counter(times)).bins
    assert sum(count for _, count in bins) == len(times)
    assert [low for low, _ in bins] == sorted({low for low, _ in bins})
