"""Commands, in this process and in their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from emu.cli import main

ROOT = Path(__file__).parents[2]
PROGRAMS = "tests.cli.programs"
INVERSION = f"{PROGRAMS}:inversion"


def emu(*args: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, args)


def emu_json(*args: str) -> dict[str, Any]:
    """The JSON that a command prints, which must be all of its stdout."""
    made: dict[str, Any] = json.loads(emu(*args, "--json").stdout)
    return made


def start(
    *args: str, env_more: dict[str, str] | None = None, **options: Any
) -> subprocess.Popen[str]:
    """Start a command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", "from emu.cli import main; main()", *args],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "", **(env_more or {})},
        text=True,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of a process."""
    out, err = process.communicate(timeout=120)
    return process.returncode, out or "", err or ""
