"""A campaign that is killed again and again has in the end what one has that is left alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "torture.py"


def torture(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_three_rounds_of_torture_change_nothing() -> None:
    done = torture("--rounds", "3", "--runs", "800")

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_a_hundred_rounds_of_torture_change_nothing() -> None:
    done = torture("--rounds", "100", "--runs", "2500")

    assert done.returncode == 0, done.stdout + done.stderr
