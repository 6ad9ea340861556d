"""Logs for the verbs of `emu logs` to read."""

from __future__ import annotations

from pathlib import Path

import zstandard

from tests.cli.prompt import INVERSION, PROGRAMS, emu

CALM = f"{PROGRAMS}:calm"


def log(name: str, target: str = INVERSION, *args: str) -> str:
    """The name of a new log: a run of a program, which deadlocks unless it is told otherwise."""
    if target == INVERSION and not args:
        args = ("--seed", "1", "--strategy", "random")
    emu("run", target, *args, "--log", name)
    return name


def joined(name: str, *names: str) -> str:
    """The name of a new log that has the runs of others."""
    text = b"".join(Path(one).read_bytes() for one in names)
    Path(name).write_bytes(zstandard.compress(text) if name.endswith(".zst") else text)
    return name


def torn(name: str, of: str) -> str:
    """The name of a new log: one that lacks its end."""
    lines = Path(of).read_bytes().splitlines(keepends=True)
    Path(name).write_bytes(b"".join(lines[:-2]))
    return name
