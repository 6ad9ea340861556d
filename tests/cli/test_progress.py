"""What is shown while an exploration runs."""

from __future__ import annotations

import pytest

from emu.campaign.catalogue import find_scenario
from emu.campaign.entry import Entry
from emu.cli import progress
from emu.cli.progress import PLAIN, Progress
from emu.engine.scenario import setup
from emu.search.exploration import Exploration

SETUP = setup(find_scenario("philosophers"))


class Clock:
    """Real time, under a test's control."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def explored(runs: int) -> Exploration:
    made = Exploration(SETUP, "random", 0, SETUP.scenario.expect)
    made.runs = runs
    made.outcomes = {"ok": runs - 1, "deadlock": 1}
    return made


def test_where_there_is_no_terminal_a_line_comes_now_and_then(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with Progress() as shown:
        shown.begin(Entry("dinner", "dinner", SETUP, runs=6_000), "2/7 ")
        clock.now += PLAIN - 1
        shown.show(explored(10))
        clock.now += 1
        shown.show(explored(2_000))
        shown.show(explored(2_001))
    out, err = capsys.readouterr()
    assert out == ""
    assert err == ("2/7 dinner  2,000 runs  400/s  ok 1,999, deadlock 1  at most 10 s left\n")


def test_the_time_left_is_the_budget_that_is_spent_first(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with Progress() as shown:
        shown.begin(Entry("dinner", "dinner", SETUP, runs=6_000, seconds=8))
        clock.now += PLAIN
        shown.show(explored(2_000))
    assert capsys.readouterr().err.endswith("  at most 3 s left\n")


def test_without_a_run_so_far_nothing_is_known_of_the_time_left(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with Progress() as shown:
        shown.begin(Entry("dinner", "dinner", SETUP, runs=6_000))
        clock.now += PLAIN
        shown.show(Exploration(SETUP, "random", 0, SETUP.scenario.expect))
    assert capsys.readouterr().err == "dinner  0 runs  0/s  none\n"
