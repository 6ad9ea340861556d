"""The picture of a schedule."""

from __future__ import annotations

from emu.analysis.picture import HEAD_ROWS, WIDTH, draw
from emu.analysis.steps import OUTSIDE, Step
from emu.record.place import Place


def step(number: int, thread: str, words: str, depth: int = 0, file: str = "a.py") -> Step:
    return Step(number, thread, depth, words, Place(file, number, "f"))


def test_each_thread_has_a_column_in_the_given_order() -> None:
    assert draw([step(1, "B", "lock x"), step(2, "A", "lock y")], ["A", "B"]) == [
        "       A               B",
        "    1                  lock x      :1",
        "    2  lock y      :2",
    ]


def test_a_handler_stands_behind_a_bar_for_each_level() -> None:
    lines = draw([step(1, "A", "lock x"), step(2, "A", "lock y", 1), step(3, "A", "z", 2)])
    assert [line[7:].split(":")[0].rstrip() for line in lines[1:]] == [
        "lock x",
        "| lock y",
        "| | z",
    ]


def test_places_name_their_file_where_there_are_several() -> None:
    lines = draw([step(1, "A", "lock x"), step(2, "A", "lock y", file="b.py")])
    assert [line.split()[-1] for line in lines[1:]] == ["a:1", "b:2"]


def test_what_no_thread_did_has_the_last_column() -> None:
    lines = draw([step(1, OUTSIDE, "tick"), step(2, "A", "lock")], [OUTSIDE, "A"])
    assert lines[0].split() == ["A", OUTSIDE]


def test_a_long_schedule_is_cut_in_the_middle() -> None:
    lines = draw([step(n, "A", f"op {n}") for n in range(100)], rows=30)
    assert len(lines) == 1 + 30 + 1
    assert lines[1 + HEAD_ROWS].strip() == "… 70 steps …"
    assert lines[-1].split() == ["99", "op", "99", ":99"]


def test_wide_columns_are_shortened_to_fit() -> None:
    lines = draw([step(n, f"T{n}", "x" * 60) for n in range(4)])
    assert max(map(len, lines)) <= WIDTH
    assert all("…" in line for line in lines[1:])


def test_many_threads_share_one_column_under_their_names() -> None:
    threads = [f"T{n}" for n in range(20)]
    lines = draw([step(n, thread, "lock x") for n, thread in enumerate(threads)], threads, threads)
    assert lines[3].split() == ["3", "T3", "lock", "x", ":3"]


def test_threads_that_have_no_part_in_it_are_left_out_where_there_is_no_room() -> None:
    threads = [f"T{n}" for n in range(20)]
    lines = draw([step(n, thread, "x") for n, thread in enumerate(threads)], threads, ["T3", "T7"])
    assert lines[0].split() == ["T3", "T7"]
    assert lines[-1].strip() == "(T0, T1, T2 and 15 more: not shown)"
