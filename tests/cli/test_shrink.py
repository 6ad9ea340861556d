"""`emu shrink`."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

from tests.cli.prompt import INVERSION, PROGRAMS, emu, emu_json

SHRUNK = """\
inversion deadlocks

  T2 waits for left at programs.py:LINE; held by T1 since programs.py:LINE
  T1 waits for right at programs.py:LINE; held by T2 since programs.py:LINE

  The shortest schedule found that does it (1 deviation, shrunk from 2 in RUNS runs):

         T1              T2
      2  lock left  :LINE
      4                  lock right :LINE
      5                  wait left  :LINE
      6  wait right :LINE

  replay  emu replay tests.cli.programs:inversion TAPE
"""


def original() -> str:
    """A tape of two deviations."""
    row = emu_json("explore", INVERSION, "--strategy", "random", "--seed", "3", "--no-shrink")
    tape: str = row["findings"][0]["tape"]
    return tape


def test_it_prints_the_message_of_the_simplest_run() -> None:
    made = emu("shrink", INVERSION, original())
    text = re.sub(r":[0-9]{2}\b", ":LINE", made.stdout)
    text = re.sub(r"in [0-9]+ runs", "in RUNS runs", re.sub(r"emu1:\S+", "TAPE", text))
    assert (text, made.exit_code) == (SHRUNK, 0)


def test_the_replay_line_replays() -> None:
    line = emu("shrink", INVERSION, original()).stdout.splitlines()[-1]
    name, program, *args = shlex.split(line, comments=False)
    assert (name, program) == ("replay", "emu")
    assert emu(*args).exit_code == 0


def test_json_has_both_tapes_and_what_it_took() -> None:
    tape = original()
    row = emu_json("shrink", INVERSION, tape)
    assert row["original_tape"] == tape
    assert (row["original_deviations"], row["deviations"]) == (2, 1)
    assert row["signature"] == "deadlock [left, right] in inversion.worker"
    assert sum(one["runs"] for one in row["passes"]) == row["runs"]
    assert row["finished"] is True


def test_shrinking_the_result_gives_the_result() -> None:
    once = emu_json("shrink", INVERSION, original())["tape"]
    assert emu_json("shrink", INVERSION, once)["tape"] == once


def test_a_saved_finding_has_its_tape(here: Path) -> None:
    emu("explore", INVERSION, "--strategy", "random", "--seed", "3", "--no-shrink")
    row = emu_json("shrink", "runs/inversion/latest/finding.json")
    assert row["original_deviations"] == 2


def test_the_budget_is_said(here: Path) -> None:
    made = emu("shrink", INVERSION, original(), "--runs", "1")
    assert "stopped after 1 run; there may be a simpler tape" in made.stderr
    assert "The shortest schedule so far that does it (2 deviations" in made.stdout


def test_the_log_is_that_of_the_simplest_run(here: Path) -> None:
    row = emu_json("shrink", INVERSION, original(), "--log", "simple.jsonl")
    last = json.loads((here / "simple.jsonl").read_text().splitlines()[-1])
    assert last["tape"] == row["tape"]


def test_a_tape_that_finds_nothing_is_refused() -> None:
    made = emu("shrink", f"{PROGRAMS}:calm", "emu1:")
    assert made.exit_code == 2
    assert made.stderr == (
        "emu: error: there is nothing to shrink: the run of tape emu1: ends with outcome 'ok' "
        "and finds nothing\n"
    )


def test_a_tape_of_another_scenario_is_another_history() -> None:
    made = emu("shrink", f"{PROGRAMS}:calm", original())
    assert made.exit_code == 1
    assert "does not fit tests.cli.programs:calm: at step " in made.stderr


def test_explore_shrinks_what_it_prints_and_keeps_the_original(here: Path) -> None:
    row = emu_json("explore", INVERSION, "--strategy", "random", "--seed", "3")
    found = row["findings"][0]
    saved = json.loads((here / "runs/inversion/latest/finding.json").read_text())
    assert found["original_tape"] == saved["original"] == original()
    assert found["tape"] == saved["tape"] == emu_json("shrink", INVERSION, original())["tape"]
    assert "1 deviation, shrunk from 2 in" in found["message"]


def test_the_saved_log_is_that_of_the_message(here: Path) -> None:
    tape = emu_json("explore", INVERSION)["findings"][0]["tape"]
    log = (here / "runs/inversion/latest/history.jsonl").read_text().splitlines()
    assert json.loads(log[-1])["tape"] == tape
