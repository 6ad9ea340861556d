"""Ctrl-C: ends within a second, prints what was found so far, exit 130."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from tests.cli import programs
from tests.cli.prompt import INVERSION, PROGRAMS, finish, start

MARKED = f"{PROGRAMS}:marked_inversion"
TENS = ("--runs", "10000000", "--until", "budget")


def interrupted(*args: str, begun: int = 1) -> tuple[int, str, str]:
    """Start a command, and interrupt it soon after so many runs were seen to begin."""
    process = start(*args)
    for _ in range(begun):
        Path(programs.STARTED).unlink(missing_ok=True)
        while not Path(programs.STARTED).exists() and process.poll() is None:
            time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    return finish(process)


@pytest.fixture
def plan(here: Path) -> str:
    (here / "p.toml").write_text(
        f'name = "p"\n[[entry]]\nname = "first"\nscenario = "{INVERSION}"\n'
        f'[[entry]]\nname = "second"\nscenario = "{MARKED}"\nuntil = "budget"\nruns = 10000000\n'
        f'[[entry]]\nname = "third"\nscenario = "{INVERSION}"\n'
    )
    return "p.toml"


def test_an_exploration_prints_what_was_found() -> None:
    status, out, err = interrupted("explore", MARKED, *TENS)
    assert (status, err) == (130, "")
    assert "inversion deadlocks\n" in out
    assert out.endswith("interrupted: this is what was found until then\n")


def test_json_is_whole() -> None:
    status, out, _ = interrupted("explore", MARKED, *TENS, "--json")
    assert status == 130
    assert json.loads(out)["outcomes"]["deadlock"] > 0


def test_code_that_never_reaches_a_checkpoint_is_broken() -> None:
    status, out, _ = interrupted("explore", f"{PROGRAMS}:spins")
    assert status == 130
    assert "0 runs" in out


@pytest.mark.parametrize("verb", ["run", "explore"])
def test_a_run_that_goes_on_and_on_is_ended(verb: str) -> None:
    target = f"{PROGRAMS}:marked_endless"
    status, out, _ = interrupted(verb, target, "--watchdog", "steps=1000000000")
    assert status == 130
    assert "interrupted" in out


def test_a_soak_keeps_what_was_done_and_says_how_to_go_on(plan: str) -> None:
    status, out, err = interrupted("soak", plan)
    assert status == 130
    assert "first " in out
    assert err.endswith(
        "\nemu: what was done is kept; go on with `emu soak --resume runs/p/0001`\n"
    )


def test_a_soak_takes_a_termination_as_an_interrupt(plan: str) -> None:
    process = start("soak", plan)
    while not Path(programs.STARTED).exists() and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    assert finish(process)[0] == 130


def test_a_soak_that_goes_on_does_not_count_a_run_twice(plan: str) -> None:
    one = ("--workers", "1", "--json")  # its first run is over when its second begins
    before = json.loads(interrupted("soak", plan, *one, begun=2)[1])["entries"][1]
    resumed = interrupted("soak", "--resume", "runs/p/0001", *one, begun=2)
    after = json.loads(resumed[1])["entries"][1]
    assert after["runs"] > before["runs"] > 0
    assert sum(after["outcomes"].values()) == after["runs"]


def test_twice_ends_a_soak_at_once_and_without_a_traceback(plan: str) -> None:
    process = start("soak", plan)
    while not Path(programs.STARTED).exists() and process.poll() is None:
        time.sleep(0.02)
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.02)
    status, _, err = finish(process)
    assert status == 130
    assert "go on with `emu soak --resume runs/p/0001`" in err
    assert "Traceback" not in err
    assert "Warning" not in err
