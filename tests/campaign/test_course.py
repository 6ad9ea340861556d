"""The course of an entry: the same however its runs are cut, and never longer than its room."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, strategies as st

from emu.campaign.account import Account
from emu.campaign.course import ROOM, Course
from tests.campaign.test_account import harvest, spec


def course(codes: list[int], cuts: list[int]) -> Course:
    account = Account(spec())
    edges = sorted({0, *(cut % len(codes) for cut in cuts), len(codes)})
    for first, end in pairwise(edges):
        account.add(harvest(first, codes[first:end]), 0.0)
    return account.figures.course


def test_a_point_has_the_outcomes_and_the_behaviours_by_then() -> None:
    made = course([0, 1, 1, 0], [])
    assert [(one.runs, one.outcomes) for one in made.points] == [
        (1, (1,)),
        (2, (1, 1)),
        (3, (1, 2)),
        (4, (2, 2)),
    ]
    assert [one.behaviours for one in made.points] == [1, 1, 2, 2]


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=4 * ROOM),
    st.lists(st.integers(min_value=0), max_size=6),
)
def test_it_is_the_same_however_the_runs_are_cut(codes: list[int], cuts: list[int]) -> None:
    assert course(codes, cuts) == course(codes, [])


def test_it_takes_no_more_than_its_room() -> None:
    made = course([0] * 10 * ROOM, [])
    assert made.stride == 16
    assert [one.runs for one in made.points] == list(range(16, 10 * ROOM + 1, 16))


def test_an_entry_that_was_begun_without_one_goes_on_without() -> None:
    account = Account(spec())
    account.add(harvest(0, [0, 1]), 0.0)
    account.figures.course = Course()
    account.add(harvest(2, [0, 1]), 0.0)
    assert account.figures.course.points == []
    assert account.figures.outcomes == {"ok": 2, "deadlock": 2}
