"""Where two runs meet again."""

from __future__ import annotations

from typing import Any

from hypothesis import given, strategies as st

from emu.analysis.meeting import Meeting, meet
from emu.analysis.parting import part
from emu.record.event import Event
from emu.record.finding import Outcome
from emu.record.history import History
from tests.analysis.histories import event, history, wait


def store(thread: str, value: int, step: int = 0) -> Event:
    return event("word.store", step, thread, thread, 1, value=value, atomic=True)


def meeting(ours: list[Event], theirs: list[Event], outcome: str = "ok") -> Meeting | None:
    left, right = history(ours), history(theirs, outcome=Outcome(outcome))
    parting = part(left, right)
    assert parting is not None
    return meet(left, right, parting.common)


def test_runs_meet_where_every_thread_has_done_the_same() -> None:
    a, b, c = store("A", 1), store("B", 1), store("C", 1)
    assert meeting([a, b, c], [b, a, c]) == Meeting(1, 1, 1, to_the_end=True)


def test_runs_that_end_otherwise_do_not_stay_together_to_the_end() -> None:
    a, b = store("A", 1), store("B", 1)
    assert meeting([a, b], [b, a], "leak") == Meeting(1, 1, 0, to_the_end=False)


def test_runs_that_part_again_have_met_all_the_same() -> None:
    a, b, c, d, e = (store(name, 1) for name in "ABCDE")
    assert meeting([a, b, e, c, d], [b, a, e, d, c]) == Meeting(1, 1, 1, to_the_end=False)


def test_runs_in_which_a_thread_does_otherwise_do_not_meet() -> None:
    a, b = store("A", 1), store("B", 1)
    assert meeting([a, b], [b, store("A", 2)]) is None


def test_who_had_to_wait_keeps_nobody_apart() -> None:
    def lock(kind: str, step: int, thread: str, **fields: Any) -> Event:
        return event(f"lock.{kind}", step, thread, "x", 7, mode="exclusive", **fields)

    ours = [
        lock("acquire", 1, "A"),
        lock("release", 2, "A"),
        lock("acquire", 3, "B", waited=0, contended=False),
        lock("release", 4, "B"),
    ]
    theirs = [
        lock("acquire", 1, "A"),
        lock("wait", 2, "B", held_by="A"),
        lock("release", 3, "A"),
        lock("acquire", 4, "B", waited=2_000, contended=True),
        lock("release", 5, "B"),
    ]
    assert meeting(ours, theirs) == Meeting(0, 0, 3, to_the_end=True)


def test_what_is_told_are_numbers_of_events_of_each_run() -> None:
    a, b = store("A", 1), store("B", 1)
    waits = wait(1, "C", "x", "A")
    assert meeting([waits, a, b], [b, a]) == Meeting(2, 1, 0, to_the_end=True)


runs = st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 1)), max_size=7).map(
    lambda drawn: [store(thread, value) for thread, value in drawn]
)


@given(runs, runs)
def test_runs_meet_at_the_first_moment_of_those_at_which_all_have_done_the_same(
    ours: list[Event], theirs: list[Event]
) -> None:
    left, right = history(ours), history(theirs)
    parting = part(left, right)
    if parting is None:
        return
    made = meet(left, right, parting.common)
    wanted = next(
        (
            at
            for at in range(parting.common + 1, min(len(ours), len(theirs)) + 1)
            if by_thread(left, at) == by_thread(right, at)
        ),
        None,
    )
    assert (None if made is None else made.left) == (None if wanted is None else wanted - 1)


def by_thread(run: History, count: int) -> dict[str, list[Event]]:
    """What each thread has done in the first so many events."""
    done: dict[str, list[Event]] = {}
    for one in run.events[:count]:
        done.setdefault(one.thread, []).append(one)
    return done
