"""How long a campaign still takes."""

from __future__ import annotations

import math

from emu.campaign.account import Account
from emu.campaign.forecast import forecast, work_left
from tests.campaign import programs
from tests.campaign.crews import spec


def test_one_entry_takes_its_work() -> None:
    assert forecast([3], [10], 1) == [10]


def test_workers_share_it() -> None:
    assert forecast([0], [10], 2) == [5]


def test_whoever_has_cost_less_goes_first() -> None:
    assert forecast([0, 4], [4, 1], 1) == [4, 5]


def test_two_that_rise_together_end_together() -> None:
    assert forecast([0, 0], [5, 5], 1) == [10, 10]


def test_what_is_over_takes_no_time() -> None:
    assert forecast([7, 0], [0, 2], 1) == [0, 2]


def test_one_without_end_delays_the_others_and_never_ends() -> None:
    assert forecast([0, 0], [3, math.inf], 1) == [6, math.inf]


def test_an_entry_without_a_run_will_cost_what_the_others_do() -> None:
    begun, fresh = (Account(spec(programs.calm, runs=100)) for _ in range(2))
    begun.figures.runs, begun.figures.seconds = 50, 5.0

    assert work_left([begun, fresh]) == [5.0, 10.0]


def test_seconds_are_a_limit_as_runs_are() -> None:
    account = Account(spec(programs.calm, runs=100, seconds=6))
    account.figures.runs, account.figures.seconds = 10, 4.0

    assert work_left([account]) == [2.0]


def test_before_any_run_nobody_knows() -> None:
    assert work_left([Account(spec(programs.calm, runs=100))]) == [math.inf]
