"""`emu show`."""

from __future__ import annotations

import os
from pathlib import Path

from tests.cli.prompt import INVERSION, PROGRAMS, emu, emu_json


def test_a_log_is_shown_as_the_message_of_its_finding() -> None:
    emu("run", f"{PROGRAMS}:raises", "--log", "f.jsonl")
    lines = emu("show", "f.jsonl").stdout.splitlines()
    assert lines[0].startswith("emu.Falsified: raises crashes: main: LookupError: no such row at ")
    assert lines[-1] == "  log     f.jsonl"


def test_a_log_without_a_finding_is_shown_too() -> None:
    emu("run", f"{PROGRAMS}:calm", "--log", "f.jsonl")
    result = emu("show", "f.jsonl")
    assert result.exit_code == 0
    assert result.stdout.startswith("calm ends well\n")


def test_a_directory_is_shown_with_every_finding_in_it(here: Path) -> None:
    emu("explore", INVERSION, "--out", "a")
    emu("explore", f"{PROGRAMS}:raises", "--out", "a")
    assert len(emu_json("show", "a")["messages"]) >= 2


def test_a_directory_with_nothing_in_it_is_a_usage_error(here: Path) -> None:
    (here / "empty").mkdir()
    result = emu("show", "empty")
    assert result.exit_code == 2
    assert result.stderr == "emu: error: empty has no finding in it, and no log\n"


def test_a_log_that_is_cut_off_is_named_with_its_line(here: Path) -> None:
    emu("run", INVERSION, "--log", "f.jsonl")
    whole = (here / "f.jsonl").read_bytes()
    (here / "f.jsonl").write_bytes(whole[: len(whole) // 2])
    result = emu("show", "f.jsonl")
    assert result.exit_code == 2
    assert result.stderr.startswith("emu: error: f.jsonl:")


def test_a_file_that_is_no_log_is_a_usage_error(here: Path) -> None:
    (here / "f.jsonl").write_text("hello\n")
    result = emu("show", "f.jsonl")
    assert result.exit_code == 2
    assert result.stderr.startswith("emu: error: f.jsonl:1: ")


def test_a_file_that_is_not_there_is_a_usage_error() -> None:
    result = emu("show", "nowhere.jsonl")
    assert result.exit_code == 2
    assert "cannot read the log nowhere.jsonl: No such file" in result.stderr


def test_a_log_may_not_be_readable(here: Path) -> None:
    (here / "f.jsonl").mkdir()
    (here / "f.jsonl" / "history.jsonl").symlink_to(os.devnull)
    assert emu("show", "f.jsonl").exit_code == 2
