"""The timeline of a run, and the window of it that is shown."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from emu.analysis.drawing import NARROW
from emu.analysis.lanes import lanes_of
from emu.analysis.timeline import Timeline, timeline
from emu.analysis.window import Window, sight, within
from emu.campaign.catalogue import bundled
from emu.record.event import Event
from emu.record.history import History
from tests.analysis.histories import acquire, event, history, release, signal, wait
from tests.analysis.runs import runs_of

WHOLE = Window(0, 10_000)


def drawn(
    run: History,
    window: Window = WHOLE,
    *,
    width: int = 100,
    rows: int | None = None,
    involved: Sequence[str] = (),
) -> Timeline:
    return timeline(run.events, lanes_of(run), window, involved, width=width, rows=rows)


def handed_over() -> list[Event]:
    """A handler of B's runs while B waits for a lock that A has."""
    return [
        acquire(1, "A", "x"),
        wait(3, "B", "x", "A"),
        signal("enter", 4, "B", 1),
        acquire(5, "B", "y", depth=1),
        release(6, "B", "y", depth=1),
        signal("return", 7, "B", 0),
        release(8, "A", "x"),
        acquire(9, "B", "x"),
    ]


def test_signs_say_what_a_thread_is_in_while_others_act() -> None:
    assert drawn(history(handed_over())).lines == [
        "       A               B",
        "    1  ┏ lock x    :1",
        "    3  ┃               ┌   wait x             :3",
        "    4  ┃               ┊╓  handler of SIGUSR1",
        "    5  ┃               ┊║┏ lock y             :5",
        "    6  ┃               ┊║┗ unlock y           :6",
        "    7  ┃               ┊╙  SIGUSR1 handled",
        "    8  ┗ unlock x  :8  ┊",
        "    9                  ┏   lock x             :9",
    ]


def test_the_signs_in_the_drawing_are_explained() -> None:
    assert drawn(history(handed_over())).left_out[0] == (
        "┃ holds a lock, ║ runs a handler, ┊ waits"
    )
    assert drawn(history([event("print", 1, "A", text="hi")])).left_out == []


def test_a_window_begins_with_what_threads_are_in_by_then() -> None:
    lines = drawn(history(handed_over()), Window(5, 6)).lines
    assert lines == [
        "       A               B",
        "    …  ┃ x             ┊║  wait x, handler of SIGUSR1",
        "    5  ┃               ┊║┏ lock y                  :5",
        "    6  ┃               ┊║┗ unlock y                :6",
    ]


def test_a_window_of_some_threads_has_those_alone() -> None:
    lines = drawn(history(handed_over()), Window(0, 99, threads=("A",))).lines
    assert lines == ["       A", "    1  ┏ lock x    :1", "    8  ┗ unlock x  :8"]


def test_a_window_of_a_lock_has_what_is_done_to_it() -> None:
    lines = drawn(history(handed_over()), Window(0, 99, locks=("y",))).lines
    assert [line.split()[0] for line in lines[1:]] == ["…", "5", "6"]


def test_what_is_first_left_out_are_details() -> None:
    run = history(
        [
            acquire(1, "A", "x"),
            *(event("word.load", step, "A", "w", value=0) for step in range(2, 7)),
            release(8, "A", "x"),
        ]
    )
    assert len(drawn(run, rows=7).lines) == 1 + 7
    made = drawn(run, rows=6)
    assert [line.split()[1] for line in made.lines[1:]] == ["┏", "┗"]
    assert made.left_out[1:] == ["events not shown: 5 word.load"]


def test_then_locks_that_nobody_waited_for() -> None:
    quiet = [make(step, "C", f"q{step}") for step in (20, 30, 40) for make in (acquire, release)]
    made = drawn(history([*handed_over(), *quiet]), rows=8)
    assert "q20" not in "".join(made.lines)
    assert "wait x" in "".join(made.lines)
    assert made.left_out[-2:] == [
        "events not shown: 1 signal.enter, 8 of locks that nobody waited for",
        "threads that do nothing here: C",
    ]


def test_then_the_middle() -> None:
    run = history(
        [event("print" if n % 2 else "fault", n, "A", text="", signal="S") for n in range(100)]
    )
    made = drawn(run, rows=30)
    assert len(made.lines) == 1 + 30 + 1
    assert made.lines[11].strip() == "… 70 more, steps 10 to 79 …"


def test_what_threads_are_in_is_said_again_after_the_cut() -> None:
    run = history(
        [acquire(0, "A", "x"), *(event("fault", n, "A", signal="S") for n in range(1, 40))]
    )
    made = drawn(run, rows=9)
    assert made.lines[5].split() == ["…", "┃", "x"]


def test_where_columns_are_narrow_places_stand_in_one_of_their_own() -> None:
    run = history([acquire(n, f"thread {n}", f"lock {n}") for n in range(6)])
    made = drawn(run)
    assert made.lines[6].split() == ["5", "┃", "┃", "┃", "┃", "┃", "┏", "lock", "lock", "5", ":5"]


def test_steps_with_many_digits_have_room_for_them() -> None:
    made = drawn(
        history([acquire(1_234_567, "A", "x"), acquire(1_234_568, "B", "y")]), Window(0, 10**9)
    )
    assert [line.index(name) for line, name in zip(made.lines, ("A", "┏"), strict=False)] == [9, 9]


def test_threads_without_room_are_named() -> None:
    run = history([acquire(n, f"T{n}", f"lock {n}") for n in range(20)])
    made = drawn(run, involved=["T3", "T7"])
    assert made.lines[0].split() == ["T3", "T7"]
    assert made.left_out[-1] == "threads without room: T0, T1, T2 and 15 more"


def test_where_all_are_wanted_their_names_have_a_column() -> None:
    run = history([acquire(n, f"T{n}", f"lock {n}") for n in range(20)])
    made = drawn(run)
    assert made.lines[3].split() == ["3", "T3", "lock", "lock", "3", ":3"]
    assert made.left_out[-1] == "20 threads have no room for columns"


@pytest.mark.parametrize("name", bundled())
async def test_no_line_is_wider_than_it_may_be(name: str) -> None:
    for run in await runs_of(name, 1):
        for width in (60, 100):
            for rows in (12, 40):
                made = drawn(run, width=width, rows=rows)
                assert max(map(len, made.lines)) <= width
                assert len(made.lines) <= rows + 3


@pytest.mark.parametrize("name", ["bounded_buffer", "recovered_fault", "handler_takes_lock"])
async def test_each_event_of_a_lock_is_shown_or_counted(name: str) -> None:
    for run in await runs_of(name, 3):
        lanes = lanes_of(run)
        for rows in (None, 10):
            seen = sight(run.events, lanes, WHOLE, rows)
            shown = {one.event for one in seen.shown}
            locks = {n for n, event in enumerate(run.events) if event.event.startswith("lock.")}
            assert locks <= shown | seen.quiet
            assert not shown & seen.quiet


async def test_lanes_within_a_window_reach_into_it() -> None:
    (run,) = await runs_of("bounded_buffer", 1)
    lanes = lanes_of(run)
    assert within(run.events, lanes, WHOLE) == lanes
    part = within(run.events, lanes, Window(20, 30, threads=("P0", "C0"), locks=("m",)))
    assert {bar.thread for bar in part.bars} == {lane.name for lane in part.threads}
    assert all(bar.step0 <= 30 and bar.step1 >= 20 and bar.name == "m" for bar in part.bars)
    assert len(part.bars) < len(lanes.bars)


def test_a_column_is_never_narrower_than_says_something() -> None:
    run = history([acquire(n, f"T{n}", "a lock with a very long name") for n in range(7)])
    heads = drawn(run, width=100).lines[0]
    assert heads.index("T1") - heads.index("T0") >= NARROW
