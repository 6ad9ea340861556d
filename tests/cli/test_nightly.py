"""scripts/nightly: soaks, writes what came of it in Markdown, and ends as the soak did."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.cli.prompt import INVERSION, ROOT

SCRIPT = ROOT / "scripts" / "nightly.py"
ENTRY = f'name = "p"\n[[entry]]\nname = "one"\nscenario = "{INVERSION}"\n'


def start(plan: str, seconds: str) -> subprocess.Popen[str]:
    Path("p.toml").write_text(plan)
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), "--for", seconds, "p.toml"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def nightly(plan: str, seconds: str = "2") -> tuple[int, str]:
    """Exit status, and the summary that it wrote."""
    process = start(plan, seconds)
    said = process.communicate()[0]
    assert said.endswith("; see runs/nightly.md\n")
    return process.returncode, Path("runs/nightly.md").read_text()


def test_a_night_that_went_well_and_the_next_one() -> None:
    status, summary = nightly(ENTRY)
    _, next_one = nightly(ENTRY)

    assert status == 0
    assert summary.startswith("# Nightly soak of p: every expectation is met\n")
    assert f"- campaign: `{Path('runs/p/0001').resolve()}`\n" in summary
    assert "## New findings: 1\n" in summary
    assert "  replay  emu replay p.toml#one emu1:" in summary
    assert "## New findings: 0\n" in next_one


def test_what_may_not_be_is_told_as_such() -> None:
    status, summary = nightly(f'{ENTRY}expect = "ok"\n')

    assert status == 1
    assert "| not met |" in summary
    assert "\n**not expected**, " in summary


def test_a_night_that_could_not_begin_says_why() -> None:
    status, summary = nightly(f"{ENTRY}runs = 0\n")

    assert status == 2
    assert "emu: error: p.toml:5: " in summary


def test_sigterm_ends_it_in_good_order_with_a_summary() -> None:
    process = start(ENTRY, "60")
    while not Path("runs/p/0001/findings").exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)

    process.communicate()

    assert process.returncode == 130
    assert "- go on with `emu soak --resume " in Path("runs/nightly.md").read_text()


def test_a_summary_that_cannot_be_written_is_said_before_the_soak() -> None:
    Path("file").touch()
    made = subprocess.run(
        [sys.executable, str(SCRIPT), "--summary", "file/s.md", "p.toml"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 2
    assert made.stderr.startswith("nightly: cannot write file/s.md: ")


def test_a_night_that_was_killed_says_how_to_go_on() -> None:
    process = start(f'{ENTRY}until = "budget"\n', "600")
    lock = Path("runs/p/0001/campaign.lock")
    while not lock.exists() or not lock.read_text().strip():
        time.sleep(0.05)
    os.kill(int(lock.read_text().split()[0]), signal.SIGKILL)
    process.communicate()
    assert process.returncode == 128 + signal.SIGKILL
    directory = Path("runs/p/0001").resolve()
    assert f"`emu soak --resume {directory}`" in Path("runs/nightly.md").read_text()
