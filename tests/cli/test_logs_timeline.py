"""`emu logs timeline`."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from emu.analysis.tables.pack import pack
from tests.cli.logged import CALM, joined, log, torn
from tests.cli.prompt import emu

LONG = ("recovered_fault", "--seed", "1", "--strategy", "random")


def timeline(*args: str) -> str:
    made = emu("logs", "timeline", *args)
    assert made.exit_code == 0, made.stderr
    return made.stdout


def as_json(*args: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(timeline(*args, "--json"))
    return made


def test_a_run_is_drawn_a_column_a_thread() -> None:
    lines = timeline(log("one.jsonl")).splitlines()
    assert lines[0] == "one.jsonl#1: inversion deadlocks (6 steps)"
    assert lines[2].split() == ["main", "T1", "T2"]
    assert [line.split()[1:] for line in lines if "wait" in line][:2] == [
        ["┃", "┃┌", "wait", "left", ":29"],
        ["┃┌", "wait", "right", ":29", "┃┊"],
    ]
    assert lines[-1] == "  ┃ holds a lock, ┊ waits"


def test_without_a_number_it_is_the_first_run_that_found_something() -> None:
    both = joined("both.jsonl", log("one.jsonl", CALM), log("two.jsonl"), log("three.jsonl"))
    made = emu("logs", "timeline", both)
    assert made.stdout.startswith("both.jsonl#2: inversion deadlocks")
    assert made.stderr == "emu: both.jsonl: run 2, the first that found something\n"


def test_where_none_found_anything_it_is_the_first_one() -> None:
    both = joined("both.jsonl", log("one.jsonl", CALM), log("two.jsonl", CALM))
    made = emu("logs", "timeline", both)
    assert (made.stdout.split()[0], made.stderr) == ("both.jsonl#1:", "")


def test_a_number_counts_through_the_logs_of_a_directory(here: Path) -> None:
    (here / "logs").mkdir()
    joined("logs/a.jsonl.zst", log("one.jsonl", CALM), log("two.jsonl", CALM))
    log("logs/b.jsonl")
    assert timeline("logs", "--run", "3").startswith("logs#3 (logs/b.jsonl:1): inversion deadlocks")


def test_a_pattern_means_all_that_it_fits() -> None:
    log("one-1.jsonl", CALM)
    log("one-2.jsonl")
    assert timeline("one-*.jsonl").startswith("one-*.jsonl#2 (one-2.jsonl:1): inversion deadlocks")


def test_a_run_may_come_out_of_a_pack(here: Path) -> None:
    both = joined("both.jsonl", log("one.jsonl", CALM), log("two.jsonl"))
    pack([both], here / "packed")
    first, *rest = timeline("packed").splitlines()
    assert first == "packed#2 (both.jsonl:6): inversion deadlocks (6 steps)"
    assert rest == timeline("two.jsonl").splitlines()[1:]


@pytest.mark.parametrize(
    ("args", "steps"),
    [
        (("--from", "4"), "4 to 6"),
        (("--to", "2"), "0 to 2"),
        (("--from", "2", "--to", "4"), "2 to 4"),
    ],
)
def test_a_window_of_steps_is_drawn(args: tuple[str, ...], steps: str) -> None:
    lines = timeline(log("one.jsonl"), *args).splitlines()
    assert lines[0] == f"one.jsonl#1: inversion deadlocks (steps {steps} of 6)"
    first, _, last = steps.split()
    numbers = [int(word) for line in lines[3:] if (word := line[:5].strip()).isdecimal()]
    assert int(first) <= min(numbers) <= max(numbers) <= int(last)


def test_a_window_around_a_step_is_drawn() -> None:
    log("one.jsonl", *LONG)
    assert "(steps 80 to 120 of " in timeline("one.jsonl", "--around", "100")


def test_some_threads_are_drawn() -> None:
    assert timeline(log("one.jsonl"), "--threads", "T2, T1").splitlines()[2].split() == ["T1", "T2"]


def test_what_is_done_to_a_lock_is_drawn() -> None:
    text = timeline(log("one.jsonl"), "--lock", "left")
    assert ("left" in text, "right" in text) == (True, False)


def test_a_run_that_is_too_long_is_folded() -> None:
    log("one.jsonl", *LONG)
    lines = timeline("one.jsonl", "--rows", "15").splitlines()
    assert sum(line[:5].strip().isdecimal() for line in lines) == 15
    assert any(" more, steps " in line for line in lines)
    assert "of locks that nobody waited for" in lines[-1]


def test_it_is_as_wide_as_it_may_be() -> None:
    log("one.jsonl", *LONG)
    lines = timeline("one.jsonl", "--width", "50").splitlines()
    assert max(len(line) for line in lines[2:-3]) <= 50


def test_programs_get_the_lanes() -> None:
    made = as_json(log("one.jsonl"))
    assert [lane["name"] for lane in made["threads"]] == ["main", "T1", "T2"]
    waits = [bar for bar in made["bars"] if bar["kind"] == "wait"]
    assert [(bar["thread"], bar["name"], bar["held_by"], bar["end"]) for bar in waits] == [
        ("T2", "left", "T1", None),
        ("T1", "right", "T2", None),
    ]
    assert (made["run"], made["outcome"], made["steps"]) == (1, "deadlock", 6)
    assert {arrow["kind"] for arrow in made["arrows"]} == {"spawn"}


def test_programs_get_the_lanes_of_a_window() -> None:
    made = as_json(log("one.jsonl"), "--from", "4", "--threads", "T1")
    assert [(bar["thread"], bar["kind"]) for bar in made["bars"]] == [
        ("T1", "hold"),
        ("T1", "wait"),
    ]
    assert made["window"] == {"first": 4, "last": 6, "threads": ["T1"], "locks": []}


def test_programs_get_the_bars_as_csv() -> None:
    rows = list(csv.DictReader(timeline(log("one.jsonl"), "--csv").splitlines()))
    assert [(row["thread"], row["kind"], row["name"], row["end"]) for row in rows] == [
        ("T1", "hold", "left", ""),
        ("T2", "hold", "right", ""),
        ("T2", "wait", "left", ""),
        ("T1", "wait", "right", ""),
    ]


def test_a_log_of_locks_alone_is_drawn_as_well() -> None:
    emu("run", "lock_order_inversion", "--seed", "1", "--log", "l.jsonl", "--log-level", "locks")
    assert "wait" in timeline("l.jsonl")


def test_a_damaged_run_that_is_asked_for_says_what_is_wrong_with_it() -> None:
    one = log("one.jsonl")
    both = joined("both.jsonl", torn("torn.jsonl", one), one)
    made = emu("logs", "timeline", both, "--run", "1")
    assert (made.exit_code, made.stdout) == (2, "")
    assert made.stderr.startswith("emu: error: both.jsonl")
    assert emu("logs", "timeline", both).stdout.startswith("both.jsonl#2: ")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--run", "2"), "one.jsonl has 1 run; there is no run 2"),
        (("--from", "7"), "--from 7: the run has 6 steps, from 0 on"),
        (("--to", "7"), "--to 7: the run has 6 steps, from 0 on"),
        (("--around", "7"), "--around 7: the run has 6 steps, from 0 on"),
        (("--from", "3", "--to", "2"), "--from 3 is after --to 2"),
        (("--around", "3", "--to", "5"), "--around excludes --from and --to"),
        (("--threads", "T1,T3"), "the run has no thread 'T3'; it has main, T1, T2"),
        (("--threads", ""), "the run has no thread ''; it has main, T1, T2"),
        (("--lock", "lefd"), "the run has no lock 'lefd'; did you mean 'left'?"),
        (("--json", "--csv"), "--json and --csv exclude each other"),
        (("--rows", "1"), "Invalid value for '--rows': 1 is not in the range x>=12."),
    ],
)
def test_what_is_not_in_the_run_is_one_sentence(args: tuple[str, ...], said: str) -> None:
    made = emu("logs", "timeline", log("one.jsonl"), *args)
    assert (made.exit_code, made.stdout) == (2, "")
    assert made.stderr.startswith(f"emu: error: {said}")
    assert made.stderr.count("\n") == 1
