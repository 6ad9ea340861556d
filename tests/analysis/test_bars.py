"""Bars: what a thread is in for a while."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings, strategies as st
from hypothesis.strategies import DrawFn

from emu.analysis.bars import HOLD
from emu.analysis.intervals import TELLING, bars_of
from emu.engine.machine import Machine
from emu.engine.scenario import scenario, setup
from emu.posix.action import Action
from emu.posix.jump import Jump
from emu.posix.memory import Word
from emu.posix.mutex import Mutex
from emu.posix.process import Process
from emu.record.event import KINDS, Event
from emu.record.finding import Blocked, Finding
from emu.search.explore import run_once
from tests.analysis.histories import FILE, acquire, event, history, release, signal, wait

AT = f"{FILE}:{{}}:worker"


def bars(*events: Event, finding: Finding | None = None) -> list[tuple[str, str, str, int, Any]]:
    found = () if finding is None else (finding,)
    made = bars_of(history(events, *found))
    return [(bar.thread, bar.kind, bar.name, bar.start, bar.end) for bar in made]


def test_a_hold_lasts_from_acquisition_to_release() -> None:
    (bar,) = bars_of(history([acquire(1, "A", "x"), release(3, "A", "x")]))
    assert (bar.start, bar.end, bar.t0, bar.t1) == (0, 1, 1_000, 3_000)
    assert (bar.step0, bar.step1, bar.at, bar.until) == (1, 3, AT.format(1), AT.format(3))
    assert (bar.what, bar.by) == ("exclusive", "")


def test_what_is_still_held_at_the_end_is_open_until_then() -> None:
    (bar,) = bars_of(history([acquire(1, "A", "x")], t=9_000))
    assert (bar.end, bar.t1, bar.until) == (None, 9_000, "")


def test_a_lock_that_its_owner_locks_again_is_held_twice() -> None:
    assert bars(acquire(1, "A", "x"), acquire(2, "A", "x"), release(3, "A", "x")) == [
        ("A", "hold", "x", 0, None),
        ("A", "hold", "x", 1, 2),
    ]


def test_readers_hold_a_lock_each() -> None:
    made = bars(acquire(1, "A", "x"), acquire(2, "B", "x"), release(3, "A", "x"))
    assert made == [("A", "hold", "x", 0, 2), ("B", "hold", "x", 1, None)]


def test_a_lock_may_be_released_by_another_thread() -> None:
    (bar,) = bars_of(history([acquire(1, "A", "x"), release(3, "B", "x")]))
    assert (bar.thread, bar.end, bar.by) == ("A", 1, "B")


def test_a_release_of_what_nobody_is_known_to_hold_is_no_bar() -> None:
    assert bars(release(3, "B", "x")) == []


def test_a_wait_ends_with_the_lock() -> None:
    made = bars_of(history([wait(1, "A", "x", "B"), acquire(4, "A", "x")]))
    assert [(bar.kind, bar.start, bar.end, bar.held_by) for bar in made] == [
        ("wait", 0, 1, "B"),
        ("hold", 1, None, ""),
    ]


def test_a_thread_that_was_woken_in_vain_is_in_one_wait() -> None:
    made = bars(wait(1, "A", "x", "B"), wait(2, "A", "x", "C"), acquire(3, "A", "x"))
    assert made[0] == ("A", "wait", "x", 0, 2)


def test_a_wait_that_gives_up_ends_there() -> None:
    failed = event("lock.fail", 5, "A", "x", error="ETIMEDOUT", mode="exclusive")
    assert bars(wait(1, "A", "x", "B"), failed) == [("A", "wait", "x", 0, 1)]


def test_trying_a_lock_in_vain_is_no_wait() -> None:
    assert bars(event("lock.fail", 5, "A", "x", error="EBUSY", mode="exclusive")) == []


def test_waiting_for_a_condition_gives_the_mutex_up_and_wants_it_again() -> None:
    made = bars(
        acquire(1, "A", "m"),
        release(2, "A", "m"),
        event("wait.begin", 2, "A", "c", what="cond"),
        event("wait.end", 5, "A", "c", what="cond", woken="woken"),
        wait(5, "A", "m", "B"),
        acquire(6, "A", "m"),
    )
    assert made == [
        ("A", "hold", "m", 0, 1),
        ("A", "block", "c", 2, 3),
        ("A", "wait", "m", 4, 5),
        ("A", "hold", "m", 5, None),
    ]


def test_whoever_is_made_to_want_the_mutex_waits_for_that_then() -> None:
    """As in Go: the notifier's step is over before the sleeper's wait says that it is."""
    made = bars(
        event("wait.begin", 2, "A", "c", what="cond"),
        wait(4, "A", "m", "B"),
        event("wait.end", 6, "A", "c", what="cond", woken="woken"),
        acquire(6, "A", "m"),
    )
    assert made[:2] == [("A", "block", "c", 0, 1), ("A", "wait", "m", 1, 3)]


def test_a_handler_runs_on_top_of_a_wait_that_goes_on_after_it() -> None:
    made = bars(
        wait(1, "A", "x", "B"),
        signal("deliver", 2, "A", 0),
        signal("enter", 2, "A", 1),
        acquire(3, "A", "y", depth=1),
        release(4, "A", "y", depth=1),
        signal("return", 5, "A", 0),
        acquire(6, "A", "x"),
    )
    assert made[:3] == [
        ("A", "wait", "x", 0, 6),
        ("A", "handler", "SIGUSR1", 2, 5),
        ("A", "hold", "y", 3, 4),
    ]


def test_handlers_nest() -> None:
    made = bars_of(
        history(
            [
                signal("enter", 1, "A", 1),
                signal("enter", 2, "A", 2, "SIGUSR2"),
                signal("return", 3, "A", 1, "SIGUSR2"),
                signal("return", 4, "A", 0),
            ]
        )
    )
    assert [(bar.name, bar.depth, bar.start, bar.end) for bar in made] == [
        ("SIGUSR1", 1, 0, 3),
        ("SIGUSR2", 2, 1, 2),
    ]


def test_handlers_whose_frames_were_built_together_run_one_after_the_other() -> None:
    made = bars(
        signal("deliver", 1, "A", 0, "SIGUSR1"),
        signal("deliver", 1, "A", 0, "SIGUSR2"),
        signal("enter", 1, "A", 1, "SIGUSR2"),
        signal("return", 2, "A", 0, "SIGUSR2"),
        signal("enter", 2, "A", 1, "SIGUSR1"),
        signal("return", 3, "A", 0, "SIGUSR1"),
    )
    assert made == [("A", "handler", "SIGUSR2", 2, 3), ("A", "handler", "SIGUSR1", 4, 5)]


def test_a_handler_that_a_log_of_locks_does_not_name_is_known_by_its_depth() -> None:
    made = bars(acquire(1, "A", "x"), acquire(2, "A", "y", depth=2), release(4, "A", "x"))
    assert made == [
        ("A", "hold", "x", 0, 2),
        ("A", "handler", "", 1, 2),
        ("A", "handler", "", 1, 2),
        ("A", "hold", "y", 1, None),
    ]


def test_a_thread_waits_no_more_once_it_does_something_else() -> None:
    made = bars(wait(1, "A", "x", "B"), acquire(5, "A", "y"))
    assert made[0] == ("A", "wait", "x", 0, 1)


def test_what_a_partner_does_for_a_thread_ends_its_wait() -> None:
    made = bars(
        event("wait.begin", 1, "A", "a, b", what="select"),
        event("chan.receive", 2, "A", "b", value=1, ok=True, partner="B"),
        event("wait.end", 3, "A", "a, b", what="select", woken="woken"),
    )
    assert made == [("A", "block", "a, b", 0, 1)]


def test_what_a_partner_does_leaves_the_handler_alone_that_runs_meanwhile() -> None:
    made = bars(
        event("wait.begin", 1, "A", "c", what="receive"),
        signal("enter", 2, "A", 1),
        event("chan.receive", 3, "A", "c", depth=1, value=1, ok=True, partner="B"),
        signal("return", 4, "A", 0),
    )
    assert made == [("A", "block", "c", 0, 2), ("A", "handler", "SIGUSR1", 1, 3)]


def test_a_handler_may_post_what_its_thread_waits_for() -> None:
    made = bars(
        event("wait.begin", 1, "A", "s", what="sem"),
        signal("enter", 2, "A", 1),
        event("wake", 3, "A", "s", depth=1, what="sem", woken=["A"]),
        signal("return", 4, "A", 0),
        event("wait.end", 5, "A", "s", what="sem", woken="taken"),
    )
    assert made == [("A", "block", "s", 0, 4), ("A", "handler", "SIGUSR1", 1, 3)]


def test_a_handler_may_take_and_give_back_the_lock_that_its_thread_waits_for() -> None:
    made = bars(
        wait(1, "A", "x", "B"),
        signal("enter", 2, "A", 1),
        acquire(3, "A", "x", depth=1, contended=False),
        release(4, "A", "x", depth=1),
        signal("return", 5, "A", 0),
        acquire(6, "A", "x", contended=True),
    )
    assert made[:2] == [("A", "wait", "x", 0, 5), ("A", "handler", "SIGUSR1", 1, 4)]


def test_whoever_unlocks_may_admit_a_thread_that_is_in_a_handler() -> None:
    """As Go's read-write lock does."""
    made = bars(
        wait(1, "A", "x", "B"),
        signal("enter", 2, "A", 1),
        acquire(3, "A", "x", depth=1, contended=True),
        signal("return", 4, "A", 0),
    )
    assert made == [
        ("A", "wait", "x", 0, 2),
        ("A", "handler", "SIGUSR1", 1, 3),
        ("A", "hold", "x", 2, None),
    ]


def test_a_join_that_waited_began_after_what_the_thread_did_before() -> None:
    joined = event("thread.join", 9, "A", "B", 4, waited=True)
    made = bars_of(history([acquire(1, "A", "x"), joined]))
    assert [(bar.kind, bar.name, bar.what, bar.start, bar.end) for bar in made] == [
        ("hold", "x", "exclusive", 0, None),
        ("block", "B", "join", 0, 1),
    ]
    assert bars(acquire(1, "A", "x"), event("thread.join", 9, "A", "B", waited=False)) == [
        ("A", "hold", "x", 0, None)
    ]


def test_a_sleep_is_no_longer_than_it_was_to_be() -> None:
    sleeps = event("thread.sleep", 1, "A", duration=2_500)
    (bar,) = bars_of(history([sleeps, event("note", 2, "B"), event("print", 8, "A", text="")]))
    assert (bar.kind, bar.end, bar.t0, bar.t1) == ("sleep", 2, 1_000, 3_500)


def test_a_sleep_that_a_handler_ends_is_shorter() -> None:
    sleeps = event("thread.sleep", 1, "A", duration=9_999_000)
    failed = event("syscall", 3, "A", call="nanosleep", error="EINTR")
    handled = [signal("enter", 2, "A", 1), signal("return", 3, "A", 0)]
    made = bars_of(history([sleeps, *handled, failed]))
    assert [(bar.kind, bar.t0, bar.t1) for bar in made] == [
        ("sleep", 1_000, 3_000),
        ("handler", 2_000, 3_000),
    ]


def test_a_thread_that_ends_in_a_handler_is_in_nothing_but_what_it_holds() -> None:
    made = bars(
        acquire(1, "A", "x"),
        wait(2, "A", "y", "B"),
        signal("enter", 3, "A", 1),
        event("thread.end", 4, "A", "A", depth=1),
    )
    assert made == [
        ("A", "hold", "x", 0, None),
        ("A", "wait", "y", 1, 3),
        ("A", "handler", "SIGUSR1", 2, 3),
    ]


def test_a_lock_that_is_destroyed_is_held_no_more() -> None:
    assert bars(acquire(1, "A", "x"), event("lock.destroy", 2, "B", "x")) == [
        ("A", "hold", "x", 0, 1)
    ]


def test_a_finding_tells_of_a_join_that_never_ended() -> None:
    blocked = Blocked("A", "B", "join", AT.format(7), 6_000, ("B",))
    finding = Finding("deadlock", "A waits for B", threads=("A",), blocked=(blocked,))
    made = bars_of(history([acquire(1, "A", "x")], finding))
    (join,) = (bar for bar in made if bar.kind == "block")
    assert (join.name, join.what, join.at, join.t0, join.end) == (
        "B",
        "join",
        AT.format(7),
        6_000,
        None,
    )


@scenario()
async def jumps(m: Machine) -> None:
    """A handler that interrupts a wait for a lock jumps out of it."""
    process, lock, word = Process(m), Mutex(m, "lock"), Word(m, "word")
    main = m.threads[0]
    buffer = process.sigsetjmp()

    async def leave(*_: object) -> None:
        await process.siglongjmp(buffer)

    async def interrupt() -> None:
        async with lock:
            await m.sleep(2)
            process.post("SIGUSR1", main)
            await m.sleep(1)

    await process.sigaction("SIGUSR1", Action(leave))
    m.spawn(interrupt, name="other")
    await m.sleep(1)
    try:
        await lock.lock()
    except Jump as jump:
        jump.land(buffer)
    await word.store(1)


async def test_a_wait_that_was_left_by_a_jump_is_over_with_the_next_thing() -> None:
    run = await run_once(setup(jumps))
    assert run.outcome.name == "ok"
    made = [bar for bar in bars_of(run) if bar.kind in ("wait", "handler")]
    assert [(bar.kind, bar.name, run.events[bar.end or 0].event) for bar in made] == [
        ("wait", "lock", "word.store"),
        ("handler", "SIGUSR1", "word.store"),
    ]


def one_event(draw: DrawFn, t: int) -> Event:
    """Any event at all, of one of two threads; many of the kinds that waits begin and end with."""
    thread, what = draw(st.sampled_from("AAAB")), draw(st.sampled_from("xy"))
    depth = draw(st.sampled_from((0, 0, 0, 1, 2)))
    often = st.sampled_from(("lock.wait", "wait.begin", "wait.end", "thread.join", "alloc", "free"))
    kind = draw(often | often | st.sampled_from(tuple(KINDS)))
    how = draw(st.sampled_from(("sigsuspend", "setmask")))
    own: dict[str, Any] = dict.fromkeys(KINDS[kind], "x") | {
        name: value
        for name, value in (("duration", 3), ("waited", 1), ("contended", True), ("how", how))
        if name in KINDS[kind]
    }
    return Event(kind, t, t * 1000, thread, depth, what, AT.format(t), "", own)


@st.composite
def many_events(draw: DrawFn) -> list[Event]:
    """Some of them, one after the other."""
    return [one_event(draw, t) for t in range(1, draw(st.integers(1, 25)))]


def without_what_tells_nothing(events: list[Event]) -> list[Event]:
    """The events but those that have one on either side, of their thread, that tells as little."""
    kept = []
    for number, one in enumerate(events):
        before = [other for other in events[:number] if other.thread == one.thread][-1:]
        after = [other for other in events[number + 1 :] if other.thread == one.thread][:1]
        near = [*before, one, *after]
        if len(near) < 3 or any(one.event in TELLING or one.depth for one in near):
            kept.append(one)
    return kept


@settings(max_examples=500)
@given(many_events())
def test_what_tells_nothing_of_bars_is_not_needed_for_any_but_holds(events: list[Event]) -> None:
    waits = Blocked("A", "x", "lock", "", 2_000, ("B",), "", ())
    found = Finding("deadlock", "", ("x",), (), ("A",), (), (waits,))

    def made(events: list[Event]) -> list[Any]:
        bars = bars_of(history(events, found, t=99_000))
        return [replace(bar, start=0, end=None, until="") for bar in bars if bar.kind != HOLD]

    assert made(without_what_tells_nothing(events)) == made(events)
