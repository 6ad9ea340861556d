"""Arrows: what an event in one thread lets another thread do."""

from __future__ import annotations

from typing import Any

from emu.analysis.arrows import arrows_of
from emu.analysis.intervals import bars_of
from emu.analysis.steps import OUTSIDE
from emu.record.event import Event
from tests.analysis.histories import acquire, event, history, release, wait


def arrows(*events: Event) -> list[tuple[str, str, int, int]]:
    """Kind, name, and the numbers of both events."""
    made = arrows_of(events, bars_of(history(events)))
    return [(one.kind, one.name, one.start, one.end) for one in made]


def send(step: int, thread: str, target: str, **fields: Any) -> Event:
    told = {"signal": "SIGUSR1", "code": "SI_USER", "sender": "A", "fate": "pending"}
    return event("signal.send", step, thread, **{**told, "target": target, **fields})


def deliver(step: int, thread: str, **fields: Any) -> Event:
    told = {"signal": "SIGUSR1", "code": "SI_USER", "sender": "A"}
    return event("signal.deliver", step, thread, **{**told, **fields})


def test_an_unlock_leads_to_the_waiter_that_got_the_lock() -> None:
    made = arrows_of(
        events := [
            acquire(1, "A", "x"),
            wait(2, "B", "x", "A"),
            release(3, "A", "x"),
            acquire(4, "B", "x"),
        ],
        bars_of(history(events)),
    )
    (arrow,) = made
    assert (arrow.kind, arrow.name, arrow.thread0, arrow.thread1) == ("unlock", "x", "A", "B")
    assert (arrow.start, arrow.end, arrow.t0, arrow.t1) == (2, 3, 3_000, 4_000)


def test_where_others_were_faster_it_is_the_last_unlock() -> None:
    made = arrows(
        acquire(1, "A", "x"),
        wait(2, "B", "x", "A"),
        release(3, "A", "x"),
        acquire(4, "C", "x"),
        release(5, "C", "x"),
        acquire(6, "B", "x"),
    )
    assert made == [("unlock", "x", 4, 5)]


def test_an_unlock_frees_nobody_who_did_not_wait() -> None:
    assert arrows(acquire(1, "A", "x"), release(3, "A", "x"), acquire(4, "B", "x")) == []


def test_a_wait_that_gave_up_was_freed_by_nobody() -> None:
    failed = event("lock.fail", 4, "B", "x", error="ETIMEDOUT")
    assert arrows(wait(2, "B", "x", "A"), release(3, "A", "x"), failed) == []


def test_a_signal_leads_from_its_sending_to_its_delivery() -> None:
    assert arrows(send(1, "A", "B"), deliver(3, "B")) == [("signal", "SIGUSR1", 0, 1)]


def test_a_signal_for_the_process_is_taken_by_any_thread() -> None:
    assert arrows(send(1, "A", "process"), deliver(3, "B")) == [("signal", "SIGUSR1", 0, 1)]


def test_a_threads_own_signal_is_taken_before_the_processs() -> None:
    sent = send(1, "A", "process"), send(2, "A", "B")
    made = arrows(*sent, deliver(3, "B"), deliver(4, "B"))
    assert made == [("signal", "SIGUSR1", 1, 2), ("signal", "SIGUSR1", 0, 3)]


def test_instances_are_delivered_in_the_order_of_their_sending() -> None:
    made = arrows(send(1, "A", "B"), send(2, "A", "B"), deliver(3, "B"), deliver(4, "B"))
    assert made == [("signal", "SIGUSR1", 0, 2), ("signal", "SIGUSR1", 1, 3)]


def test_what_was_coalesced_is_not_delivered() -> None:
    made = arrows(send(1, "A", "B", fate="coalesced"), deliver(3, "B"))
    assert made == []


def test_a_fault_is_nothing_that_was_sent() -> None:
    made = arrows(send(1, "A", "B"), deliver(3, "B", code="SEGV_MAPERR", sender=None))
    assert made == []


def test_what_was_discarded_is_not_delivered_later() -> None:
    dropped = event("signal.drop", 2, "A", signal="SIGUSR1", reason="discarded")
    assert arrows(send(1, "A", "B"), dropped, deliver(3, "B")) == []


def test_a_signal_that_is_waited_for_is_delivered_so() -> None:
    taken = event("signal.take", 2, "B", signal="SIGUSR1")
    assert arrows(send(1, "A", "B"), taken) == [("signal", "SIGUSR1", 0, 1)]


def test_a_signal_from_outside_comes_from_there() -> None:
    (arrow,) = arrows_of([send(1, "", "B"), deliver(3, "B")], [])
    assert arrow.thread0 == OUTSIDE


def test_whoever_notifies_wakes() -> None:
    made = arrows(
        event("wait.begin", 1, "B", "c", what="cond"),
        event("wake", 2, "A", "c", what="cond", woken=["B"]),
        event("wait.end", 3, "B", "c", what="cond", woken="woken"),
    )
    assert made == [("wake", "c", 1, 2)]


def test_a_close_wakes_whoever_receives_from_any_of_its_channels() -> None:
    made = arrows(
        event("wait.begin", 1, "B", "a, b", what="select"),
        event("chan.close", 2, "A", "b", woken=["B"]),
        event("chan.receive", 2, "B", "b", ok=False),
    )
    assert made == [("wake", "a, b", 1, 2)]


def test_a_group_at_zero_wakes_whoever_waits_for_that() -> None:
    made = arrows(
        event("wait.begin", 1, "B", "g", what="group"),
        event("group.add", 2, "A", "g", delta=-1, count=1),
        event("group.add", 3, "A", "g", delta=-1, count=0),
        event("wait.end", 4, "B", "g", what="group", woken="woken"),
    )
    assert made == [("wake", "g", 2, 3)]


def test_values_arrive_in_the_order_in_which_they_were_sent() -> None:
    made = arrows(
        event("chan.send", 1, "A", "c", value=1),
        event("chan.send", 2, "A", "c", value=2),
        event("chan.receive", 3, "B", "c", ok=True, value=1),
        event("chan.receive", 4, "B", "c", ok=True, value=2),
        event("chan.receive", 5, "B", "c", ok=False),
    )
    assert made == [("message", "c", 0, 2), ("message", "c", 1, 3)]


def test_threads_are_started_and_joined() -> None:
    made = arrows(
        event("thread.spawn", 0, "", "A", child="A"),
        event("thread.start", 0, "A", "A"),
        event("thread.spawn", 1, "A", "B", child="B"),
        event("thread.start", 2, "B", "B"),
        event("thread.end", 3, "B", "B"),
        event("thread.join", 4, "A", "B", waited=True),
    )
    assert made == [("spawn", "B", 2, 3), ("join", "B", 4, 5)]
