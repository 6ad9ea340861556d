"""The one rule for logs of a newer emu: they are read, and it is said that they are newer."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from emu.record.history import HEAD
from emu.record.line import parse


def newer(path: Path | str, line: bytes) -> str | None:
    """What is said of the log at `path` by its first line, if a newer emu than this wrote it."""
    try:
        head = parse(line)
    except ValueError:
        return None
    wrote, this = str(head.get("emu", "")), version("emu")
    if head.get("event") != HEAD or _numbers(wrote) <= _numbers(this):
        return None
    return (
        f"{path}:1: written by emu {wrote}, and this is {this}: what this one does not know of "
        "is left out"
    )


def _numbers(version_: str) -> list[int]:
    return [int(part) for part in version_.split(".") if part.isdecimal()]
