"""A seed gives the same log, byte for byte. `scripts/determinism` asks more, for longer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FINGERPRINTS = Path(__file__).parent.parent / "scripts" / "determinism.py"


def fingerprints(*, hash_seed: int, lanes: int) -> dict[str, str]:
    """A digest of a few logs of every bundled scenario, from a process of its own."""
    run = subprocess.run(
        [sys.executable, FINGERPRINTS, "fingerprint", "--seeds=3", f"--lanes={lanes}"],
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, str] = json.loads(run.stdout)
    assert found
    return found


@pytest.fixture(scope="module")
def alone() -> dict[str, str]:
    return fingerprints(hash_seed=0, lanes=1)


def test_another_process_with_another_hash_seed_writes_the_same_logs(alone: dict[str, str]) -> None:
    assert fingerprints(hash_seed=1, lanes=1) == alone


def test_machines_side_by_side_write_the_same_logs(alone: dict[str, str]) -> None:
    assert fingerprints(hash_seed=2, lanes=32) == alone


@pytest.mark.parametrize(("args", "status"), [((), 2), (("--allow-missing",), 0)])
def test_a_python_that_is_not_at_hand_is_no_success_unless_told(
    args: tuple[str, ...], status: int
) -> None:
    run = subprocess.run(
        [sys.executable, FINGERPRINTS, "--seeds=1", *args],
        env={**os.environ, "PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == status
    assert "NOT COMPARED" in run.stdout
