"""Charts and words of the page."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from emu.analysis.report.axis import ticks
from emu.analysis.report.contention import times_of
from emu.analysis.report.contents import CoursePoint
from emu.analysis.report.course import HEIGHT, STRETCHES, WIDTH, draw_course
from emu.analysis.report.histogram import draw_histogram
from emu.analysis.report.retelling import retell
from emu.analysis.report.spelling import duration, moment, percent, settings, short
from emu.analysis.report.telling import Telling
from tests.analysis.report.pages import entry


def course(points: list[CoursePoint]):
    last = points[-1]
    outcomes = dict(zip(("ok", "deadlock"), last.outcomes, strict=True))
    return draw_course(entry(runs=last.runs, outcomes=outcomes, course=tuple(points)))


HUNDRED = [CoursePoint(n, (n - n // 4, n // 4), 10 - 100 // (n + 10)) for n in range(1, 101)]


def test_an_outcome_has_an_area_from_the_first_run_to_the_last() -> None:
    made = course(HUNDRED)
    assert made is not None
    assert [one.name for one in made.areas] == ["ok", "deadlock"]
    numbers = [float(x) for x in re.findall(r"(?:M|L)([\d.]+) ", made.areas[0].path)]
    assert (min(numbers), max(numbers)) == (0, WIDTH)


def test_the_areas_together_fill_the_height() -> None:
    made = course(HUNDRED)
    assert made is not None
    heights = [float(y) for y in re.findall(r" ([\d.]+)", made.areas[1].path)]
    assert min(heights) == 0
    assert {float(y) for y in re.findall(r" ([\d.]+)", made.areas[0].path)} >= {HEIGHT}


def test_a_stretch_says_what_its_runs_did() -> None:
    made = course(HUNDRED)
    assert made is not None
    assert made.hover[-1]["runs"] == "runs 93 to 100"
    assert made.hover[-1]["outcomes"] == "ok 6, deadlock 2"


def test_many_points_are_drawn_as_some() -> None:
    made = course([CoursePoint(n, (n, 0), n) for n in range(10, 10_010, 10)])
    assert made is not None
    assert STRETCHES / 2 < len(made.hover) <= STRETCHES


def test_a_few_runs_are_no_course() -> None:
    assert course(HUNDRED[:10]) is None


def test_an_entry_of_which_nobody_kept_it_has_none() -> None:
    assert draw_course(entry(runs=1_000)) is None


@given(st.floats(1, 1e9), st.integers(1, 8))
def test_ticks_are_round_and_few(most: float, wanted: int) -> None:
    made = ticks(most, wanted)
    assert made[0] == 0
    assert made[-1] <= most
    assert len(made) <= 2.5 * wanted + 2
    steps = {b - a for a, b in pairwise(made)}
    assert all(re.fullmatch("[125]0*", str(step)) for step in steps)


def test_the_highest_bin_has_the_full_height() -> None:
    made = draw_histogram(times_of(Counter({1_000: 4, 2_500: 1})))
    assert made is not None
    assert [(one.y, one.title) for one in made.columns] == [
        (0.0, "1 µs to 2 µs: 4 times"),
        (22.5, "2 µs to 5 µs: 1 time"),
    ]


def test_no_times_are_no_histogram() -> None:
    assert draw_histogram(times_of(Counter())) is None


def test_a_message_is_cut_into_headline_body_and_way_back() -> None:
    made = retell(
        "x deadlocks\n\n  T1 waits\n\n       T1\n    1  lock\n\n"
        "  found   run 2, random, seed 0\n  replay  emu replay x emu1:#aaaa\n  log     a.jsonl"
    )
    assert made.headline == "x deadlocks"
    assert made.body == "T1 waits\n\n     T1\n  1  lock"
    assert made.way == {
        "found": "run 2, random, seed 0",
        "replay": "emu replay x emu1:#aaaa",
        "log": "a.jsonl",
    }


@given(st.text())
def test_any_text_can_be_retold(text: str) -> None:
    made = retell(text)
    assert text.startswith(made.headline)


@pytest.mark.parametrize(
    ("ns", "said"),
    [(0, "0"), (999, "999 ns"), (1_500, "1.5 µs"), (2_000_000_000, "2 s"), (90 * 10**9, "1.5 min")],
)
def test_a_time_has_its_unit(ns: int, said: str) -> None:
    assert duration(ns) == said


def test_a_moment_is_in_utc() -> None:
    assert moment(0.0) == "1970-01-01 00:00:00"


def test_a_day_is_told_once() -> None:
    assert (moment(60.0, 0.0), moment(86_400.0, 0.0)) == ("00:01:00", "1970-01-02 00:00:00")


def test_what_passed_is_at_the_bottom_and_what_nobody_knows_on_top() -> None:
    points = tuple(CoursePoint(n, (n - 2, 1, 1), 1) for n in range(3, 103))
    made = draw_course(
        entry(runs=102, outcomes={"unknown": 100, "deadlock": 1, "ok": 1}, course=points)
    )
    assert made is not None
    assert [one.name for one in made.areas] == ["ok", "deadlock", "unknown"]


def test_shares_and_numbers_are_short() -> None:
    assert (percent(1.0), percent(0.0342), short(20_000)) == ("100 %", "3.42 %", "20k")


def test_settings_are_spelled_as_they_are_typed() -> None:
    values = {"fix": True, "n": 3, "word": "x", "none": None, "places": ["a", "b"]}
    assert settings(values) == "fix=true, n=3, word=x, none=none, places=a b"


def test_parameters_tell_where_they_differ() -> None:
    one, other = entry(params={"a": 1, "b": 1}), entry(params={"a": 1, "b": 2})
    telling = Telling([one, other])
    assert (telling(one), telling(other)) == ({"b": 1}, {"b": 2})
