"""`emu replay`."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from emu.cli import main
from tests.cli.prompt import INVERSION, PROGRAMS, emu, emu_json

CHAOS = '[[chaos.signal]]\nsignal = "SIGUSR1"\n'


def replay_line(text: str) -> list[str]:
    """The command behind `replay` in a message, as a shell would split it."""
    (line,) = (line for line in text.splitlines() if line.startswith("  replay  "))
    return shlex.split(line.removeprefix("  replay  "))


def explored(*args: str) -> list[str]:
    return replay_line(emu_json("explore", *args)["findings"][0]["message"])


@pytest.mark.parametrize(
    "args",
    [
        (INVERSION,),
        ("philosophers", "--param", "n=3"),
        (INVERSION, "--param", 'title=it\'s a "title" #1'),
        (INVERSION, "--watchdog", "graph=false", "--watchdog", "lock_wait=2s"),
        ("handler_takes_lock", "--chaos", "my chaos.toml"),
        ("my plan.toml#a 'b' #c",),
    ],
)
def test_the_replay_line_of_a_message_works_as_it_stands(here: Path, args: tuple[str, ...]) -> None:
    (here / "my chaos.toml").write_text(CHAOS)
    (here / "my plan.toml").write_text(
        f'name = "p"\n[[entry]]\nname = "a \'b\' #c"\nscenario = "{INVERSION}"\n'
    )
    command = explored(*args)
    assert command[:2] == ["emu", "replay"]
    result = emu(*command[1:])
    assert result.exit_code == 0, result.output


def test_a_replay_gives_the_same_log(here: Path) -> None:
    emu("run", INVERSION, "--seed", "5", "--log", "first.jsonl")
    tape = emu_json("replay", "first.jsonl")["tape"]
    emu("replay", INVERSION, tape, "--log", "second.jsonl")
    first, second = ((here / name).read_text() for name in ("first.jsonl", "second.jsonl"))
    assert first.splitlines()[1:] == second.splitlines()[1:]


def test_a_log_is_its_own_target_and_tape(here: Path) -> None:
    row = emu_json("run", INVERSION, "--param", "fix=true", "--log", "f.jsonl")
    assert emu_json("replay", "f.jsonl")["digest"] == row["digest"]


def test_a_stored_finding_is_its_own_target_and_tape() -> None:
    tape = emu_json("explore", "handler_takes_lock")["findings"][0]["tape"]
    assert emu_json("replay", "runs/handler_takes_lock/latest")["tape"] == tape


def test_a_tape_may_come_from_stdin() -> None:
    tape = explored(INVERSION)[3]
    result = CliRunner().invoke(main, ["replay", INVERSION, "-", "--json"], input=f"{tape}\n")
    assert json.loads(result.stdout)["tape"] == tape


def test_another_checksum_is_another_history() -> None:
    tape = explored(INVERSION)[3]
    wrong = f"{tape[:-4]}{'0000' if tape[-4:] != '0000' else '1111'}"
    result = emu("replay", INVERSION, wrong)
    assert result.exit_code == 1
    assert "gives another history: the tape's checksum is" in result.stderr


def test_the_tape_of_another_scenario_is_told_where_it_parts() -> None:
    result = emu("replay", f"{PROGRAMS}:calm", explored(INVERSION)[3])
    assert result.exit_code == 1
    assert "the tape takes option" in result.stderr


def test_json_says_that_it_is_not_the_same() -> None:
    row = emu_json("replay", f"{PROGRAMS}:calm", "emu1:2t1#0000")
    assert row["same"] is False


def test_json_says_why_it_is_not_the_same() -> None:
    made = emu("replay", f"{PROGRAMS}:calm", "emu1:2t1#0000", "--json")
    assert made.stderr == f"emu: error: {json.loads(made.stdout)['reason']}\n"


@pytest.mark.parametrize(
    ("tape", "sentence"),
    [
        ("emu0:2t1#a72e", "is of version 'emu0'; this emu reads 'emu1'"),
        ("emu1:2t1#xyz", "has checksum 'xyz'; a checksum is 4 of the digits"),
        ("emu1:2q1", "has '2q1' as deviation 1"),
        ("2t1", "does not begin with 'emu1' and a colon"),
    ],
)
def test_a_tape_that_is_none_is_a_usage_error(tape: str, sentence: str) -> None:
    result = emu("replay", INVERSION, tape)
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_a_scenario_without_a_tape_is_a_usage_error() -> None:
    result = emu("replay", INVERSION)
    assert result.exit_code == 2
    assert "needs a TAPE" in result.stderr
