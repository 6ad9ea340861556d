"""`emu run`."""

from __future__ import annotations

from pathlib import Path

import pytest

from emu.record.reading import read_history
from tests.cli.prompt import INVERSION, PROGRAMS, emu, emu_json


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (f"{PROGRAMS}:calm", 0),
        (INVERSION, 0),
        (f"{PROGRAMS}:raises", 1),
        (f"{PROGRAMS}:endless", 3),
        (f"{PROGRAMS}:nothing_there", 2),
    ],
)
def test_the_exit_status_says_whether_the_expectation_allows_it(target: str, status: int) -> None:
    assert emu("run", target).exit_code == status


def test_the_log_is_the_history(here: Path) -> None:
    row = emu_json("run", INVERSION, "--seed", "3", "--log", "f.jsonl")
    history = read_history("f.jsonl")
    assert (history.digest, str(history.tape)) == (row["digest"], row["tape"])


def test_the_same_seed_gives_the_same_history() -> None:
    assert (
        emu_json("run", INVERSION, "--seed", "3")["digest"]
        == (emu_json("run", INVERSION, "--seed", "3")["digest"])
    )


def test_without_log_it_is_kept_among_the_runs(here: Path) -> None:
    row = emu_json("run", INVERSION)
    assert row["log"] == "runs/inversion/0001/history.jsonl"
    assert read_history(here / row["log"]).digest == row["digest"]


def test_the_level_none_writes_no_log(here: Path) -> None:
    assert emu_json("run", INVERSION, "--log-level", "none")["log"] is None
    assert not list(here.iterdir())


def test_the_level_findings_writes_none_of_a_run_without(here: Path) -> None:
    emu("run", f"{PROGRAMS}:calm", "--log", "f", "--log-level", "findings")
    assert not (here / "f").exists()


def test_json_has_the_shape_that_programs_read() -> None:
    assert list(emu_json("run", f"{PROGRAMS}:raises")) == [
        *("scenario", "params", "strategy", "seed", "steps", "outcome", "reason", "met"),
        *("tape", "digest", "log", "findings", "summary"),
    ]


def test_parameters_are_converted() -> None:
    row = emu_json("run", INVERSION, "--param", "fix=on", "--param", "title=a=b")
    assert row["params"] == {"fix": True, "title": "a=b"}


def test_a_limit_can_be_set() -> None:
    row = emu_json("run", f"{PROGRAMS}:endless", "--watchdog", "steps=50")
    assert row["reason"] == "the run used up its 50 steps (watchdog.steps)"


def test_a_chaos_file_takes_the_place_of_the_scenarios_own(here: Path) -> None:
    (here / "chaos.toml").write_text('[[chaos.signal]]\nsignal = "SIGUSR2"\nrate = 1\n')
    out = emu("run", "handler_takes_lock", "--chaos", "chaos.toml").stdout
    assert "SIGUSR2" in out
    assert "SIGUSR1 to" not in out


def test_a_module_in_the_current_directory_is_found(here: Path) -> None:
    (here / "mine.py").write_text(
        "from emu.engine.scenario import scenario\n@scenario()\nasync def empty(m):\n    pass\n"
    )
    assert emu("run", "mine:empty").exit_code == 0


def test_an_entry_of_a_plan_can_be_run(here: Path) -> None:
    (here / "p.toml").write_text(
        f'name = "p"\n[[entry]]\nname = "fixed, at last"\nscenario = "{INVERSION}"\n'
        "params = { fix = true }\n"
    )
    assert emu_json("run", "p.toml#fixed, at last")["params"]["fix"] is True
