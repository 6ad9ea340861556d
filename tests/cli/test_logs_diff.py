"""`emu logs diff`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.logged import CALM, joined, log, torn
from tests.cli.prompt import INVERSION, emu


@pytest.fixture(autouse=True)
def logs(here: Path) -> None:
    """A run that deadlocks, one that passes, and both in a log."""
    joined("both.jsonl", log("bad.jsonl"), log("good.jsonl", INVERSION, "--strategy", "pct:1"))


def diff(*args: str) -> list[str]:
    made = emu("logs", "diff", *args)
    assert made.exit_code == 0, made.stderr
    return made.stdout.splitlines()


def as_json(*args: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads("\n".join(diff(*args, "--json")))
    return made


def line(place: str) -> dict[str, Any]:
    """A line of a log, by file:line."""
    path, _, number = place.rpartition(":")
    row: dict[str, Any] = json.loads(
        Path(path).read_text(encoding="utf-8").splitlines()[int(number) - 1]
    )
    return row


def test_two_runs_part_at_a_line_of_each_log() -> None:
    lines = diff("bad.jsonl", "good.jsonl")
    assert lines[0].startswith("A  bad.jsonl#1: inversion deadlocks; parts at bad.jsonl:")
    assert lines[1].startswith("B  good.jsonl#1: inversion ends well; parts at good.jsonl:")
    ours, theirs = (line(one.rpartition(" parts at ")[2]) for one in lines[:2])
    assert {name: ours[name] for name in ("event", "thread", "at")} != {
        name: theirs[name] for name in ("event", "thread", "at")
    }
    assert lines[3].startswith("A and B have ")
    assert f"A goes on with {ours['thread']}: " in lines[5]
    assert f"B goes on with {theirs['thread']}: " in lines[6]


def test_programs_get_the_same() -> None:
    made = as_json("bad.jsonl", "good.jsonl")
    assert made["same"] is False
    for run in made["runs"]:
        row = line(f"{run['log']}:{run['line']}")
        assert {name: row[name] for name in run["next"]} == run["next"]
    assert made["meeting"] is None
    assert [run["outcome"] for run in made["runs"]] == ["deadlock", "ok"]


def test_runs_of_one_log_are_told_apart_by_their_numbers() -> None:
    made = as_json("both.jsonl#1", "both.jsonl#2")
    assert [(run["run"], run["outcome"]) for run in made["runs"]] == [(1, "deadlock"), (2, "ok")]
    for run in made["runs"]:
        row = line(f"{run['log']}:{run['line']}")
        assert {name: row[name] for name in run["next"]} == run["next"]


def test_equal_runs_are_said_to_be() -> None:
    assert diff("both.jsonl#1", "bad.jsonl")[-1] == "A and B: the same history, deadlock"
    made = as_json("both.jsonl#1", "bad.jsonl")
    assert (made["same"], made["meeting"], made["runs"][0]["line"]) == (True, None, None)


def test_runs_that_never_meet_are_said_not_to() -> None:
    assert diff("bad.jsonl", "good.jsonl")[-1] == (
        "They do not meet again: at no moment has every thread done the same in both."
    )


def test_runs_meet_where_every_thread_has_done_the_same() -> None:
    for name, tape in (("one", "emu1:"), ("other", "emu1:1t1")):
        emu("replay", INVERSION, tape, "--param", "fix=true", "--log", f"{name}.jsonl")
    made = as_json("one.jsonl", "other.jsonl")
    assert made["meeting"]["to_the_end"] is True
    assert diff("one.jsonl", "other.jsonl")[-1].startswith("They meet again, A at step ")


def test_another_program_or_other_parameters_are_said_first() -> None:
    fixed = log("fixed.jsonl", INVERSION, "--param", "fix=true")
    assert diff("bad.jsonl", fixed)[2] == "not the same params: fix is false and true"
    calm = log("calm.jsonl", CALM)
    assert diff("bad.jsonl", calm)[2] == f"not the same scenario: {INVERSION} and {CALM}"


def test_a_log_of_locks_is_compared_by_locks_alone() -> None:
    args = ("--seed", "1", "--strategy", "random", "--log-level", "locks")
    locks = log("locks.jsonl", INVERSION, *args)
    lines = diff("bad.jsonl", locks)
    assert lines[2].startswith("A is of level all, B of level locks; compared are waits for locks")
    assert lines[-1] == "A and B: the same history, deadlock"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("bad.jsonl", "both.jsonl#3"), "both.jsonl has 2 runs; there is no run 3"),
        (("bad.jsonl", "gone.jsonl"), "there is no file or directory gone.jsonl"),
        (("bad.jsonl", "empty.jsonl"), "empty.jsonl: the log is empty"),
        (("bad.jsonl", "torn.jsonl"), "torn.jsonl"),
        (("bad.jsonl",), "Missing argument 'B'."),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(args: tuple[str, ...], said: str) -> None:
    Path("empty.jsonl").touch()
    torn("torn.jsonl", "bad.jsonl")
    made = emu("logs", "diff", *args)
    assert (made.exit_code, made.stdout) == (2, "")
    assert made.stderr.startswith(f"emu: error: {said}")
