"""Runs real programs under a real strace, where there is one."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from emu.analysis.strace.importing import Imported, import_trace, traces_of

PROGRAMS = Path(__file__).parent / "programs"


@cache
def why_not() -> str:
    """Why nothing can be traced here; empty if it can."""
    for tool in ("strace", "gcc"):
        if shutil.which(tool) is None:
            return f"there is no {tool} on this machine"
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "strace may not trace here"


needs_strace = pytest.mark.skipif(bool(why_not()), reason=why_not() or "it can be traced")


def compiled(name: str, directory: Path) -> Path:
    """A program of `programs`, compiled."""
    program = directory / name
    source = PROGRAMS / f"{name}.c"
    subprocess.run(["gcc", "-O1", "-g", "-pthread", "-o", program, source], check=True)
    return program


def traced(command: list[str], directory: Path, options: str = "-f -ttt") -> Imported:
    """What a command is imported as, that ran under strace."""
    strace = ["strace", *options.split(), "-o", str(directory / "trace")]
    subprocess.run([*strace, *command], check=False, capture_output=True, timeout=60)
    (files,) = traces_of(sorted(directory.glob("trace*")))
    return import_trace(files)
