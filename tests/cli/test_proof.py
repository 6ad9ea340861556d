"""`emu explore`, exhaustively and until saturated."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.prompt import INVERSION, PROGRAMS, emu, emu_json

EXHAUSTIVE = ("explore", INVERSION, "--exhaustive")
KEPT = (*EXHAUSTIVE, "--param", "fix=true")


@pytest.mark.parametrize(
    ("args", "status"),
    [
        (EXHAUSTIVE, 0),
        ((*EXHAUSTIVE, "--bound", "0"), 1),
        ((*EXHAUSTIVE, "--bound", "0", "--runs", "1"), 3),
        (("explore", f"{PROGRAMS}:calm", "--exhaustive"), 0),
    ],
)
def test_the_exit_status_is_the_verdict(args: tuple[str, ...], status: int) -> None:
    assert emu(*args).exit_code == status


def test_what_was_found_is_said() -> None:
    assert "exhaustive search: found" in emu(*EXHAUSTIVE).stdout


def test_a_repaired_program_is_exhausted() -> None:
    row = emu_json(*KEPT, "--bound", "2")

    assert (row["answer"], row["exhausted"], list(row["outcomes"])) == ("exhausted", True, ["ok"])


def test_a_bound_that_was_met_says_what_it_counts() -> None:
    printed = emu(*KEPT, "--bound", "0").stdout

    assert (
        "exhausted within bound 0 (preemptions, injections and timers that fire early)" in printed
    )


def test_a_budget_that_ran_out_is_not_exhausted() -> None:
    row = emu_json(*KEPT, "--runs", "1")

    assert (row["answer"], row["exhausted"], row["met"]) == ("budget ran out", False, None)


def test_until_saturated_stops_before_the_budget_and_prints_the_rule() -> None:
    result = emu("explore", INVERSION, "--until-saturated", "--runs", "5000")

    assert "; saturated: at least 100 runs, and less than 1% of them" in result.stdout


def test_behaviours_are_counted_when_asked_for() -> None:
    row = emu_json("explore", INVERSION, "--behaviours", "--runs", "200", "--until", "budget")

    assert row["estimate"]["distinct"] == row["behaviours"] == 3


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ((*EXHAUSTIVE, "--bound", "-1"), "--bound is -1; allowed is a whole number from 0 to 100"),
        ((*EXHAUSTIVE, "--bound", "1000"), "--bound is 1000; allowed is a whole number"),
        (("explore", INVERSION, "--bound", "1"), "--bound is for --exhaustive alone"),
        (("explore", INVERSION, "--no-reduction"), "--no-reduction is for --exhaustive alone"),
        ((*EXHAUSTIVE, "--strategy", "pct"), "--strategy has no meaning there"),
        ((*EXHAUSTIVE, "--seed", "3"), "--seed has no meaning there"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(args: tuple[str, ...], says: str) -> None:
    result = emu(*args)

    assert result.exit_code == 2
    assert says in result.stderr


PLAN = """
name = "proof"

[[entry]]
name = "found"
scenario = "{inversion}"
strategy = "exhaustive"

[[entry]]
name = "exhausted"
scenario = "{inversion}"
params = {{ fix = true }}
expect = "ok"
strategy = "exhaustive"
bound = 0

[[entry]]
name = "spent"
scenario = "{inversion}"
params = {{ fix = true }}
expect = "ok"
strategy = "exhaustive"
bound = 1
runs = 3
"""


@pytest.fixture
def plan(here: Path) -> str:
    (here / "proof.toml").write_text(PLAN.format(inversion=INVERSION))
    return "proof.toml"


def test_a_soak_says_found_exhausted_or_that_the_budget_ran_out(plan: str) -> None:
    rows = {row["entry"]: row for row in emu_json("soak", plan)["entries"]}
    assert {name: (row["answer"], row["bound"], row["met"]) for name, row in rows.items()} == {
        "found": ("found", None, True),
        "exhausted": ("exhausted", 0, True),
        "spent": ("budget ran out", 0, None),
    }


def test_its_table_says_so_too_and_what_a_bound_counts(plan: str) -> None:
    result = emu("soak", plan)
    assert result.exit_code == 3
    for line in (
        "                               exhausted within bound 0",
        "                               budget ran out; exhausted within bound 0",
        "a bound counts preemptions, injections and timers that fire early",
    ):
        assert line in result.stdout.splitlines()


def test_an_exhaustive_entry_is_explored_as_the_plan_says(plan: str) -> None:
    row = emu_json("explore", f"{plan}#exhausted")
    assert (row["strategy"], row["answer"]) == ("exhaustive", "exhausted")


def test_the_prompt_may_name_it_as_a_strategy(here: Path) -> None:
    row = emu_json("explore", INVERSION, "--strategy", "exhaustive", "--bound", "1")
    assert (row["answer"], row["bound"]) == ("found", 1)


def test_another_strategy_takes_its_place(plan: str) -> None:
    row = emu_json("explore", f"{plan}#exhausted", "--strategy", "random", "--runs", "20")
    assert (row["strategy"], row["answer"], row["runs"]) == ("random", None, 20)
