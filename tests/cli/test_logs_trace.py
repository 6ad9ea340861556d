"""`emu logs trace`."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.analysis.trace_checked import check
from tests.cli.logged import CALM, joined, log, torn
from tests.cli.prompt import emu


def processes(text: str | bytes) -> list[tuple[int, str]]:
    """The number and the name of each process of a trace, which keeps the rules."""
    rows: list[dict[str, Any]] = check(json.loads(text))
    return [(row["pid"], row["args"]["name"]) for row in rows if row["name"] == "process_name"]


def test_a_trace_goes_where_it_is_told(here: Path) -> None:
    made = emu("logs", "trace", log("one.jsonl"), "-o", "run.json")
    assert (made.exit_code, made.stdout) == (0, "")
    text = (here / "run.json").read_text(encoding="utf-8")
    assert processes(text) == [(1, "run 1: inversion, deadlock")]
    events = len(json.loads(text)["traceEvents"])
    assert made.stderr == f"emu: 1 run, {events} trace events, written to run.json\n"


def test_a_trace_without_a_name_is_called_after_its_log(here: Path) -> None:
    (here / "logs").mkdir()
    log("logs/one.jsonl")
    joined("logs/some.jsonl.zst", "logs/one.jsonl")
    for name in ("one.jsonl", "some.jsonl.zst"):
        emu("logs", "trace", f"logs/{name}")
    assert sorted(path.name for path in here.glob("*.json")) == [
        "one.trace.json",
        "some.trace.json",
    ]


def test_a_trace_of_this_directory_is_called_after_it(here: Path) -> None:
    log("one.jsonl")
    emu("logs", "trace", ".")
    assert (here / f"{here.name}.trace.json").exists()


def test_a_trace_may_go_to_stdout(here: Path) -> None:
    made = emu("logs", "trace", log("one.jsonl"), "-o", "-")
    assert processes(made.stdout) == [(1, "run 1: inversion, deadlock")]
    assert not list(here.glob("*.json"))


def test_a_trace_may_be_compressed_and_is_the_same_each_time(here: Path) -> None:
    for name in ("one.json.gz", "other.json.gz"):
        emu("logs", "trace", log("one.jsonl"), "-o", name)
    assert processes(gzip.decompress((here / "one.json.gz").read_bytes()))
    assert (here / "one.json.gz").read_bytes() == (here / "other.json.gz").read_bytes()


def test_each_run_is_a_process() -> None:
    both = joined("both.jsonl", log("one.jsonl"), log("two.jsonl", CALM))
    assert processes(emu("logs", "trace", both, "-o", "-").stdout) == [
        (1, "run 1: inversion, deadlock"),
        (2, "run 2: calm, ok"),
    ]


@pytest.mark.parametrize("args", [("both.jsonl", "--run", "2"), ("both.jsonl#2",)])
def test_one_run_may_be_meant(args: tuple[str, ...]) -> None:
    joined("both.jsonl", log("one.jsonl"), log("two.jsonl", CALM))
    made = emu("logs", "trace", *args, "-o", "-")
    assert processes(made.stdout) == [(2, "run 2: calm, ok")]


def test_a_damaged_run_is_named_and_costs_no_other() -> None:
    one = log("one.jsonl")
    both = joined("both.jsonl", torn("torn.jsonl", one), one)
    made = emu("logs", "trace", both, "-o", "-")
    assert processes(made.stdout) == [(2, "run 2: inversion, deadlock")]
    assert made.stderr.startswith("emu: both.jsonl:11: the log is cut off here")


def test_where_no_run_is_whole_nothing_is_written(here: Path) -> None:
    made = emu("logs", "trace", torn("torn.jsonl", log("one.jsonl")), "-o", "run.json")
    assert made.exit_code == 2
    assert made.stderr.startswith("emu: error: torn.jsonl")
    assert made.stderr.count("\n") == 1
    assert not (here / "run.json").exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("one.jsonl#9",), "one.jsonl has 1 run; there is no run 9"),
        (("one.jsonl", "--run", "9"), "one.jsonl has 1 run; there is no run 9"),
        (("one.jsonl#1", "--run", "2"), "one.jsonl#1 names a run, and --run 2 another; "),
        (("empty.jsonl",), "empty.jsonl: the log is empty"),
        (("gone.jsonl",), "there is no file or directory gone.jsonl"),
        (("gone-*",), "nothing is called gone-*"),
        (("none",), "none: there is no log below it; a log's name ends in .jsonl"),
        (("one.jsonl", "-o", "none"), "none: Is a directory"),
        (("one.jsonl", "-o", "one.jsonl"), "-o one.jsonl is the name of a log; a trace goes to "),
        (("one", "-o", "one"), "-o one is the name of a log; a trace goes to a file of its own"),
        (("one.jsonl", "-o", "gone/run.json"), "gone/run.json: No such file or directory"),
    ],
)
def test_what_cannot_be_is_one_sentence(args: tuple[str, ...], said: str, here: Path) -> None:
    log("one.jsonl")
    (here / "empty.jsonl").touch()
    (here / "none").mkdir()
    log("one")
    made = emu("logs", "trace", *args)
    assert made.exit_code == 2
    assert made.stderr.startswith(f"emu: error: {said}")
    assert made.stderr.count("\n") == 1
