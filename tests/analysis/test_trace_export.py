"""Runs in the Trace Event Format."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emu.analysis.lanes import lanes_of
from emu.analysis.trace_export import UNIT, trace_rows
from emu.campaign.catalogue import bundled
from emu.record.event import Event
from emu.record.history import History
from tests.analysis.histories import acquire, event, history, inversion, release, signal, wait
from tests.analysis.lanes_checked import with_locks_alone
from tests.analysis.runs import runs_of
from tests.analysis.trace_checked import bound_to, check

Row = dict[str, Any]


def rows_of(*histories: History) -> list[Row]:
    """The trace events of some runs, as a viewer reads them, checked against the format."""
    rows = [row for run, one in enumerate(histories, 1) for row in trace_rows(one, run)]
    return check(json.loads(json.dumps({"displayTimeUnit": UNIT, "traceEvents": rows})))


def handed_over() -> list[Event]:
    """B waits for a lock that A has, and gets it."""
    return [
        event("thread.start", 0, "A", "A"),
        acquire(1, "A", "x"),
        event("thread.start", 2, "B", "B"),
        wait(3, "B", "x", "A"),
        release(5, "A", "x"),
        acquire(6, "B", "x"),
        release(8, "B", "x"),
    ]


def of_phase(rows: list[Row], phase: str) -> list[Row]:
    return [row for row in rows if row["ph"] == phase]


@pytest.mark.parametrize("name", bundled())
async def test_a_trace_keeps_the_rules_of_the_format(name: str) -> None:
    for run in await runs_of(name, 2):
        for part in (run, with_locks_alone(run)):
            rows, lanes = rows_of(part), lanes_of(part)
            assert len(of_phase(rows, "s")) == len(lanes.arrows)
            slices = [row for row in of_phase(rows, "X") if row["cat"] != "unlock"]
            assert len(slices) == len(lanes.bars) + len(lanes.threads)
            assert len(of_phase(rows, "i")) >= len(lanes.marks)


@pytest.mark.parametrize("name", ["bounded_buffer", "philosophers", "fault_in_malloc_among"])
async def test_perfetto_binds_unlocks_to_the_holds_that_they_end_and_begin(name: str) -> None:
    for run in await runs_of(name, 3):
        rows = rows_of(run)
        for number, row in enumerate(rows):
            if row["ph"] in "sf" and row["name"] == "unlock":
                bound = bound_to(rows, number)
                assert bound["cat"] == {"s": "unlock", "f": "hold"}[row["ph"]]
                assert bound["ts"] == row["ts"]


def test_a_run_is_a_process_and_a_thread_a_track() -> None:
    rows = rows_of(history(handed_over()), inversion())
    named = [
        (row["pid"], row["tid"], row["args"]["name"])
        for row in rows
        if row["name"] in ("process_name", "thread_name")
    ]
    assert named == [
        (1, 0, "run 1: lock_order_inversion, ok"),
        (1, 1, "A"),
        (1, 2, "B"),
        (2, 0, "run 2: lock_order_inversion, deadlock"),
        (2, 1, "T1"),
        (2, 2, "T2"),
    ]


def test_slices_are_lives_holds_and_waits() -> None:
    rows = of_phase(rows_of(history(handed_over(), t=9_000)), "X")
    assert [(row["tid"], row["cat"], row["name"], row["ts"], row["dur"]) for row in rows] == [
        (1, "thread", "A", 0, 10),
        (1, "hold", "x", 1, 4),
        (2, "thread", "B", 2, 8),
        (2, "wait", "wait x", 3, 3),
        (1, "unlock", "unlock x", 4.5, 0.5),
        (2, "hold", "x", 6, 2),
    ]


def test_a_flow_leads_from_the_unlock_to_the_hold_that_it_made_possible() -> None:
    rows = rows_of(history(handed_over()))
    (begin,), (end,) = of_phase(rows, "s"), of_phase(rows, "f")
    assert (begin["name"], begin["tid"], begin["ts"], begin["args"]) == (
        "unlock",
        1,
        4.5,
        {"of": "x"},
    )
    assert (end["id"], end["tid"], end["ts"]) == (begin["id"], 2, 6)


def test_a_signal_flows_from_its_sender_to_its_handler() -> None:
    told: Row = {"signal": "SIGUSR1", "code": "SI_USER", "sender": "A"}
    rows = rows_of(
        history(
            [
                event("thread.start", 0, "A", "A"),
                event("thread.start", 0, "B", "B"),
                event("signal.send", 2, "A", target="B", fate="pending", **told),
                event("signal.deliver", 4, "B", **told),
                signal("enter", 4, "B", 1),
                signal("return", 6, "B", 0),
            ]
        )
    )
    bound = [bound_to(rows, n) for n, row in enumerate(rows) if row["ph"] in "sf"]
    assert [(row["tid"], row["name"]) for row in bound] == [
        (1, "send SIGUSR1 to B"),
        (2, "SIGUSR1 arrives"),
    ]
    (handler,) = (row for row in rows if row.get("cat") == "handler")
    assert (handler["tid"], handler["name"], handler["ts"]) == (2, "handler SIGUSR1", 4)


def test_locks_released_in_the_order_of_their_taking_need_a_second_track() -> None:
    rows = rows_of(
        history([acquire(1, "A", "x"), acquire(2, "A", "y"), release(3, "A", "x")]),
    )
    assert [row["args"]["name"] for row in rows if row["name"] == "thread_name"] == [
        "A",
        "A (more)",
    ]
    assert [(row["tid"], row["name"]) for row in of_phase(rows, "X")][1:] == [(1, "x"), (2, "y")]


def test_an_unlock_by_another_thread_leaves_that_threads_track() -> None:
    rows = rows_of(
        history(
            [
                acquire(1, "A", "x"),
                wait(2, "B", "x", "A"),
                release(4, "C", "x"),
                acquire(6, "B", "x"),
            ]
        )
    )
    number = next(n for n, row in enumerate(rows) if row["ph"] == "s")
    assert (rows[number]["tid"], bound_to(rows, number)["name"]) == (3, "unlock x")


def test_whoever_is_let_in_by_the_unlocks_own_step_has_its_arrow_too() -> None:
    """As with Go's read-write lock, whoever calls unlock."""
    for unlocker in ("A", "C"):
        rows = rows_of(
            history(
                [
                    acquire(1, "A", "x"),
                    wait(2, "B", "x", "A"),
                    release(4, unlocker, "x"),
                    acquire(4, "B", "x"),
                ]
            )
        )
        assert len(of_phase(rows, "s")) == 1


def test_what_times_in_ns_need_is_kept() -> None:
    odd = [
        Event("lock.acquire", 0, 1_001, "A", 0, "x", "", "", {"mode": "exclusive"}),
        Event("lock.release", 0, 2_003, "A", 0, "x", "", "", {"mode": "exclusive"}),
    ]
    (hold,) = (row for row in rows_of(history(odd)) if row.get("cat") == "hold")
    assert (hold["ts"], hold["dur"]) == (1.001, 1.002)


def test_counters_say_who_can_run_and_who_waits_for_locks() -> None:
    rows = of_phase(rows_of(inversion()), "C")
    assert (rows[-1]["name"], rows[-1]["ts"]) == ("threads", 8)
    assert rows[-1]["args"] == {"runnable": 0, "waiting for locks": 2}


def test_faults_and_injections_are_instants_of_their_thread() -> None:
    rows = rows_of(
        history(
            [
                event("inject", 1, "A", "segv-low", injection="fault", entry=0, detail="load"),
                event("fault", 1, "A", signal="SIGSEGV", address=16, code="SEGV_MAPERR"),
                event("process.kill", 1, "A", signal="SIGSEGV", core=True),
            ]
        )
    )
    assert [(row["cat"], row["s"], row["name"]) for row in of_phase(rows, "i")] == [
        ("inject", "t", "chaos: segv-low"),
        ("fault", "t", "fault SIGSEGV"),
        ("kill", "p", "killed by SIGSEGV"),
    ]
