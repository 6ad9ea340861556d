"""Rows and tracks: where bars are drawn."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, strategies as st

from emu.analysis.bars import HANDLER, HOLD, WAIT, Bar
from emu.analysis.rows import in_rows
from emu.analysis.tracks import Slice, in_tracks


def bar(kind: str, start: int, end: int | None, depth: int = 0) -> Bar:
    last = 99 if end is None else end
    times = (start, end, start * 1_000, last * 1_000, start, last)
    return Bar("A", kind, "x", "", *times, depth, "", "")


def rows(*bars: Bar) -> list[int]:
    return [one.row for one in in_rows(bars)]


def test_locks_that_are_released_in_turn_lie_on_each_other() -> None:
    assert rows(bar(HOLD, 1, 6), bar(HOLD, 2, 5), bar(HOLD, 3, 4)) == [0, 1, 2]


def test_locks_that_are_taken_hand_over_hand_need_two_rows() -> None:
    assert rows(bar(HOLD, 1, 3), bar(HOLD, 2, 5), bar(HOLD, 4, 7), bar(HOLD, 6, 8)) == [0, 1, 0, 1]


def test_a_wait_lies_above_all_that_is_held() -> None:
    assert rows(bar(HOLD, 1, 3), bar(HOLD, 2, 9), bar(WAIT, 4, 5)) == [0, 1, 2]


def test_a_handler_lies_above_the_wait_that_it_interrupts() -> None:
    assert rows(bar(HOLD, 1, 9), bar(WAIT, 2, 8), bar(HANDLER, 3, 7, 1)) == [0, 1, 2]


def test_what_a_handler_holds_lies_above_it() -> None:
    assert rows(bar(HOLD, 1, 4), bar(WAIT, 2, 9), bar(HANDLER, 3, 8, 1), bar(HOLD, 5, 6, 1)) == [
        0,
        1,
        2,
        3,
    ]


def test_what_begins_where_another_ends_may_take_its_place() -> None:
    assert rows(bar(WAIT, 1, 2), bar(HOLD, 2, 3)) == [0, 0]


spans = st.tuples(st.integers(0, 30), st.integers(0, 10)).map(lambda span: (span[0], sum(span)))


@given(st.lists(st.tuples(spans, st.sampled_from((HOLD, WAIT, HANDLER))), max_size=12))
def test_no_bar_covers_another(drawn: list[tuple[tuple[int, int], str]]) -> None:
    made = in_rows(
        sorted(
            (bar(kind, start, end + 1, kind == HANDLER) for (start, end), kind in drawn),
            key=lambda one: one.start,
        )
    )
    for one, other in combinations(made, 2):
        assert one.end is not None
        assert other.end is not None
        assert one.row != other.row or one.end <= other.start or other.end <= one.start


@given(st.lists(spans, max_size=15))
def test_slices_of_a_track_nest_and_none_is_lost(drawn: list[tuple[int, int]]) -> None:
    slices = [Slice(*span, number) for number, span in enumerate(drawn)]
    tracks = in_tracks(slices)
    assert sorted(one.bar for track in tracks for one in track) == list(range(len(slices)))
    for track in tracks:
        for one, other in combinations(track, 2):
            apart = one.t1 <= other.t0 or other.t1 <= one.t0
            assert apart or (one.t0 <= other.t0 and other.t1 <= one.t1)


def test_what_nests_has_one_track() -> None:
    slices = [Slice(0, 9, 0), Slice(1, 4, 1), Slice(2, 3, 2), Slice(4, 9, 3)]
    assert in_tracks(slices) == [slices]


def test_what_does_not_nest_has_a_track_more() -> None:
    slices = [Slice(0, 9, 0), Slice(1, 4, 1), Slice(2, 6, 2), Slice(5, 9, 3)]
    assert in_tracks(slices) == [[slices[0], slices[1], slices[3]], [slices[2]]]
