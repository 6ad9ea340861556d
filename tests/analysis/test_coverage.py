"""Coverage: how much is known to be unknown."""

from __future__ import annotations

import pytest

from emu.analysis.coverage import Coverage, Estimate


def seen(*behaviours: int) -> Estimate:
    coverage = Coverage()
    for behaviour in behaviours:
        coverage.add(behaviour)
    return coverage.estimate


def test_only_the_first_run_with_a_behaviour_shows_something_new() -> None:
    coverage = Coverage()

    assert [coverage.add(one) for one in (7, 7, 8)] == [True, False, True]


def test_behaviours_are_counted_by_how_often_they_were_seen() -> None:
    assert seen(1, 1, 1, 2, 2, 3, 4) == Estimate(runs=7, behaviours=4, once=2, twice=1)


@pytest.mark.parametrize(("runs", "chance"), [((), 1.0), ((1, 2), 1.0), ((1, 1, 2, 1), 0.25)])
def test_the_chance_of_something_new_is_the_share_of_runs_seen_once(
    runs: tuple[int, ...], chance: float
) -> None:
    assert seen(*runs).chance == chance


def test_behaviours_that_were_seen_once_leave_others_unseen() -> None:
    assert Estimate(runs=100, behaviours=30, once=10, twice=4).unseen == 9


def test_nothing_is_left_once_all_was_seen_twice() -> None:
    assert seen(1, 1, 2, 2).unseen == 0


@pytest.mark.parametrize(
    ("runs", "once", "saturated"), [(99, 0, False), (100, 1, False), (200, 1, True)]
)
def test_saturated_is_many_runs_and_hardly_any_alone(runs: int, once: int, saturated: bool) -> None:
    assert Estimate(runs=runs, behaviours=9, once=once, twice=3).saturated is saturated
