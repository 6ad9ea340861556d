"""Which steps of a history are shown, and in which words."""

from __future__ import annotations

from dataclasses import replace

from emu.analysis.steps import DECISIVE, DETAIL, LOCKS, LONGEST, OUTSIDE, steps_of
from emu.record.event import KINDS
from tests.analysis.histories import event


def test_every_kind_that_has_words_is_a_kind_of_event() -> None:
    assert {*DECISIVE, *LOCKS, *DETAIL} <= set(KINDS)


def test_every_word_is_filled_in_from_the_fields_of_its_kind() -> None:
    for kind, form in (DECISIVE | LOCKS | DETAIL).items():
        names = dict.fromkeys(KINDS[kind], "x")
        assert form.format(object="o", inside="", **names)


def test_everything_is_shown_where_there_is_room() -> None:
    events = [event("word.load", 1, "T", "w", value=3), event("lock.wait", 2, "T", "l")]
    assert [one.words for one in steps_of(events, (), 2)] == ["load w: 3", "wait l"]


def test_detail_goes_first_where_there_is_none() -> None:
    events = [event("word.load", 1, "T", "w", value=3), event("lock.wait", 2, "T", "l")]
    assert [one.words for one in steps_of(events, (), 1)] == ["wait l"]


def test_the_locks_of_the_finding_stay_where_others_go() -> None:
    events = [event("lock.acquire", n, "T", name) for n, name in enumerate("abcab")]
    assert [one.words for one in steps_of(events, ("a",), 3)] == ["lock a", "lock a"]


def test_a_lock_that_was_given_back_while_nobody_wanted_it_goes_too() -> None:
    events = [
        event("lock.acquire", 1, "T", "a"),
        event("lock.release", 2, "T", "a"),
        event("lock.acquire", 3, "T", "a"),
    ]
    assert [one.number for one in steps_of(events, ("a",), 1)] == [3]


def test_a_lock_that_somebody_waited_for_stays() -> None:
    events = [
        event("lock.acquire", 1, "T", "a"),
        event("lock.wait", 2, "U", "a"),
        event("lock.release", 3, "T", "a"),
    ]
    assert [one.number for one in steps_of(events, ("a",), 1)] == [1, 2, 3]


def test_lines_that_are_printed_in_a_row_are_one_step() -> None:
    events = [event("print", n, "TTUT"[n], text=f"line {n}") for n in range(4)]
    assert [one.number for one in steps_of(events, (), 9)] == [0, 2, 3]


def test_what_no_thread_did_was_done_outside() -> None:
    assert steps_of([event("timer.fire", 1, "", timer="prof")], (), 9)[0].thread == OUTSIDE


def test_words_stand_on_one_line() -> None:
    assert steps_of([event("print", 1, "T", text="a\nb")], (), 9)[0].words == r"print 'a\nb'"


def test_long_words_are_shortened() -> None:
    assert len(steps_of([event("print", 1, "T", text="x" * 99)], (), 9)[0].words) == LONGEST


def test_an_injection_is_not_followed_by_what_it_says_that_it_does() -> None:
    events = [
        event("inject", 1, "T", "SIGUSR1 to process"),
        event("signal.send", 1, "T", signal="SIGUSR1", target="process"),
        event("signal.deliver", 1, "T", signal="SIGUSR1"),
    ]
    assert [one.words for one in steps_of(events, (), 9)] == [
        *("chaos: SIGUSR1 to process", "SIGUSR1 arrives")
    ]


def test_an_injection_says_in_which_region_it_was() -> None:
    injected = replace(event("inject", 1, "M1", "segv-low"), region="mstart/minit/W4")
    assert [one.words for one in steps_of([injected], (), 9)] == ["chaos: segv-low in W4"]


def test_a_long_history_shows_where_threads_were_started() -> None:
    events = [
        event("thread.spawn", 0, "", child="main"),
        event("thread.spawn", 1, "main", child="T"),
        event("lock.acquire", 2, "T", "l"),
    ]
    assert [one.words for one in steps_of(events, (), 0)] == ["start T"]
