"""`emu soak`."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest

from emu.cli.table import _folded
from emu.cli.words import outcomes
from tests.cli.prompt import INVERSION, PROGRAMS, emu, emu_json

BEFORE = f'[[entry]]\nname = "before"\nscenario = "{INVERSION}"\nparams = {{ fix = false }}\n'
AFTER = (
    f'[[entry]]\nname = "after"\nscenario = "{INVERSION}"\nparams = {{ fix = true }}\n'
    'runs = 20\nexpect = "ok"\n'
)
WRONG = f'[[entry]]\nname = "wrong"\nscenario = "{INVERSION}"\nexpect = "ok"\n'
ABSENT = (
    f'[[entry]]\nname = "absent"\nscenario = "{INVERSION}"\nparams = {{ fix = true }}\nruns = 20\n'
)
LIMITED = (
    f'[[entry]]\nname = "limited"\nscenario = "{PROGRAMS}:endless"\nruns = 1\n'
    "watchdog = { steps = 50 }\n"
)


@pytest.fixture
def plan(here: Path) -> Path:
    (here / "plan.toml").write_text(f'name = "both"\n{BEFORE}{AFTER}')
    return here / "plan.toml"


@pytest.mark.parametrize(
    ("entries", "status"),
    [
        (BEFORE + AFTER, 0),
        (BEFORE + WRONG, 1),
        (BEFORE + ABSENT, 1),
        (BEFORE + LIMITED, 3),
        (WRONG + LIMITED, 1),
    ],
)
def test_the_exit_status_is_the_worst_verdict(here: Path, entries: str, status: int) -> None:
    (here / "p.toml").write_text(f'name = "p"\n{entries}')
    assert emu("soak", "p.toml").exit_code == status


def test_the_table_has_a_row_an_entry(plan: Path) -> None:
    lines = emu("soak", "plan.toml").stdout.splitlines()
    assert lines[0].split() == [
        *("scenario,", "entry", "fix", "runs", "outcomes", "found", "at", "met")
    ]
    assert lines[2] == "inversion"
    words = lines[3].split()
    assert (words[:2], words[-3], words[-1]) == (["before", "off"], "run", "yes")
    assert words[2] == words[-2], "it ends with the run that finds it"
    assert lines[4].split() == ["after", "on", "20", "ok", "20", "-", "yes"]
    assert lines[5] == "2 of 2 expectations met"


def test_the_table_fits_a_hundred_columns(here: Path) -> None:
    name = "a very long name " * 8
    (here / "p.toml").write_text(f'name = "p"\n{BEFORE.replace("before", name)}')
    assert max(map(len, emu("soak", "p.toml").stdout.splitlines())) <= 100


def test_what_is_not_met_is_explained_above_the_table(here: Path) -> None:
    (here / "p.toml").write_text(f'name = "p"\n{WRONG}{ABSENT}')
    out = emu("soak", "p.toml").stdout
    assert out.startswith("inversion deadlocks\n")
    assert "\nabsent: deadlock did not turn up in 20 runs, but ok 20\n" in out


def test_json_has_the_shape_that_programs_read(plan: Path) -> None:
    row = emu_json("soak", "plan.toml")
    assert list(row) == ["plans", "directory", "seconds", "entries", "met", "interrupted"]
    assert (row["plans"], row["met"]) == (["both"], True)
    assert list(row["entries"][0]) == [
        *("plan", "entry", "scenario", "params", "strategy", "seed", "runs", "steps", "seconds"),
        *("outcomes", "met", "first_found", "shortfall", "over", "unknown", "answer"),
        *("exhausted", "bound", "behaviours", "estimate", "findings", "troubles"),
    ]


def test_several_plans_are_one_soak(plan: Path, here: Path) -> None:
    (here / "other.toml").write_text(f'name = "other"\n{LIMITED}')
    row = emu_json("soak", "plan.toml", "other.toml")
    assert [entry["met"] for entry in row["entries"]] == [True, True, None]
    assert row["met"] is None


def test_two_plans_of_one_name_are_refused(plan: Path, here: Path) -> None:
    (here / "other.toml").write_text(plan.read_text())
    made = emu("soak", "plan.toml", "other.toml")
    assert made.exit_code == 2
    assert made.stderr == (
        "emu: error: plan.toml and other.toml are both named 'both'; give each plan of a campaign "
        "a name of its own\n"
    )


@pytest.mark.parametrize("also", ["--runs=3", "--seconds=1", "--for=1", "--total-runs=5"])
def test_for_ever_has_no_other_end(also: str, plan: Path) -> None:
    made = emu("soak", "plan.toml", "--forever", also)
    assert made.exit_code == 2
    assert made.stderr.startswith("emu: error: --forever has no other end than Ctrl-C")


@pytest.mark.parametrize("option", ["--seconds=nan", "--seconds=inf", "--for=inf", "--for=nan"])
def test_a_time_that_no_clock_shows_is_refused(option: str, plan: Path) -> None:
    made = emu("soak", "plan.toml", option)
    assert (made.exit_code, made.stderr.count("\n")) == (2, 1)


def test_a_campaign_that_stops_at_its_first_finding_goes_on_to_the_next(here: Path) -> None:
    long = AFTER.replace("runs = 20", "runs = 6000")
    (here / "p.toml").write_text(f'name = "p"\n{BEFORE}until = "budget"\nruns = 60\n{long}')
    stderr = emu("soak", "p.toml", "--first").stderr
    assert "ended at the first finding; go on with `emu soak --resume runs/p/0001`" in stderr
    entries = emu_json("soak", "--resume", "runs/p/0001")["entries"]
    assert [one["runs"] for one in entries] == [60, 6000]


def test_runs_given_at_the_prompt_go_before_the_plans(plan: Path) -> None:
    assert emu_json("soak", "plan.toml", "--runs", "3")["entries"][1]["runs"] == 3


def test_workers_with_too_little_memory_are_a_mistake(plan: Path) -> None:
    done = emu("soak", "plan.toml", "--memory", "1MB")
    assert done.exit_code == 2
    assert re.search(
        r"^emu: error: no worker gave a single run: worker lost: it may take 1 MB of memory, and "
        r"needs at least \d+ MB; allow more by --memory, or have fewer workers$",
        done.stderr,
        re.MULTILINE,
    )
    assert emu("soak", "--resume", "plan.toml").exit_code == 0


def test_a_machine_that_can_start_no_process_is_said(
    plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(*_: object, **__: object) -> None:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr("emu.campaign.crew.subprocess.Popen", none_left)
    done = emu("soak", "plan.toml", "--workers", "2")
    assert done.exit_code == 2
    assert "emu: error: no worker can be started: Resource temporarily unavailable" in done.stderr


def test_progress_goes_to_stderr(plan: Path) -> None:
    result = emu("soak", "plan.toml")
    assert "/2 after: ok 20 in 20 runs" in result.stderr
    assert "/2 after" not in result.stdout


def test_the_mistakes_of_all_plans_are_reported_together(here: Path) -> None:
    (here / "p.toml").write_text(f'name = "p"\n{BEFORE}runs = 0\nstrategy = "x"\n')
    result = emu("soak", "p.toml", "gone.toml")
    assert result.exit_code == 2
    starts = ("p.toml:6: ", "p.toml:7: ", "cannot read gone.toml: ")
    assert [
        line.startswith(f"emu: error: {start}")
        for line, start in zip(result.stderr.splitlines(), starts, strict=True)
    ] == [True] * 3


def test_many_outcomes_are_folded_between_two_of_them() -> None:
    text = _folded(outcomes({"exit 2": 1_731, "killed SIGSEGV": 428, "deadlock": 34, "ok": 3}))
    assert text == "exit 2 1,731, killed SIGSEGV 428,\ndeadlock 34, ok 3"
