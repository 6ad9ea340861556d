"""`emu diff`."""

from __future__ import annotations

import shlex
from pathlib import Path

from tests.cli.prompt import INVERSION, PROGRAMS, emu, emu_json


def failing() -> str:
    tape: str = emu_json("explore", INVERSION)["findings"][0]["tape"]
    return tape


def test_one_tape_is_compared_with_the_nearest_passing_run() -> None:
    row = emu_json("diff", INVERSION, failing())
    left, right = row["runs"]
    assert (left["outcome"], right["outcome"]) == ("deadlock", "ok")
    assert (left["tells"]["event"], right["tells"]["event"]) == ("lock.wait", "lock.acquire")
    assert left["tells"]["thread"] == right["tells"]["thread"]


def test_both_runs_are_printed_with_a_line_that_replays_them() -> None:
    made = emu("diff", INVERSION, failing())
    lines = [line for line in made.stdout.splitlines() if line.startswith("  replay  ")]
    codes = [emu(*shlex.split(line)[2:]).exit_code for line in lines]
    assert (made.exit_code, codes) == (0, [0, 0])


def test_two_tapes_are_compared_with_each_other() -> None:
    row = emu_json("diff", INVERSION, "emu1:", failing())
    assert [run["name"] for run in row["runs"]] == ["run 1", "run 2"]
    assert [run["outcome"] for run in row["runs"]] == ["ok", "deadlock"]
    assert row["same"] is False


def test_equal_runs_are_said_to_be() -> None:
    made = emu("diff", INVERSION, "emu1:", "emu1:")
    assert made.exit_code == 0
    assert made.stdout.startswith("run 1 and run 2: the same history, ok\n")


def test_a_saved_finding_has_its_tape(here: Path) -> None:
    emu("explore", INVERSION)
    made = emu("diff", "runs/inversion/latest/finding.json")
    assert "the failing run: inversion deadlocks" in made.stdout


def test_one_passing_tape_has_nothing_to_be_compared_with() -> None:
    made = emu("diff", f"{PROGRAMS}:calm", "emu1:")
    assert made.exit_code == 2
    assert made.stderr == (
        "emu: error: the run of tape emu1: ends with outcome 'ok' and finds nothing; "
        "give another tape to compare it with\n"
    )


def test_a_program_that_always_fails_has_no_passing_run() -> None:
    made = emu("diff", f"{PROGRAMS}:raises", "emu1:")
    assert made.exit_code == 2
    assert "no passing run is near to tape emu1:" in made.stderr


def test_a_tape_of_another_scenario_does_not_fit() -> None:
    for tapes in ((failing(),), ("emu1:", failing())):
        made = emu("diff", f"{PROGRAMS}:calm", *tapes)
        assert made.exit_code == 1
        assert "does not fit tests.cli.programs:calm" in made.stderr
