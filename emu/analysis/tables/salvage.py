"""What can be had of a log that cannot be read as it is: a plain copy, line for line.

A line that is too long has another in its place that says so, and lines after it keep their
numbers. What cannot be unpacked is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from emu.errors import LogError
from emu.record.line import render
from emu.record.logs import CHUNK, unpacked

LONGEST: Final = 16 << 20
"""How long a line of a log may be, in bytes. The database makes room for several on each core, and
room costs time (*measured*: with 64 MB, a tenth)."""

TOO_LONG: Final = f"a line of more than {LONGEST >> 20} MB"
"""The event of the line that stands in the place of one that is too long."""

_INSTEAD: Final = render({"event": TOO_LONG})


def salvage(log: Path, copy: Path) -> None:
    """Write what can be had of `log` to `copy`. Raises `LogError` where that cannot be written."""
    try:
        with copy.open("wb") as file:
            for lines in _lines(_small(unpacked(log))):
                file.write(lines)
    except OSError as wrong:
        said = wrong.strerror or wrong
        raise LogError(f"cannot copy what can be had of {log} to {copy}: {said}") from None


def _small(chunks: Iterable[bytes | LogError]) -> Iterator[bytes | None]:
    """The chunks in pieces that are shorter than a line may be; None where something is lost."""
    for chunk in chunks:
        if isinstance(chunk, LogError):
            yield None
            continue
        for start in range(0, len(chunk), CHUNK):
            yield chunk[start : start + CHUNK]


def _lines(pieces: Iterable[bytes | None]) -> Iterator[bytes]:
    """Whole lines, some at a time, and at last what has no newline, unless it was torn there."""
    begun, too_long, torn = bytearray(), False, False
    for piece in pieces:
        if piece is None:
            torn = bool(begun or too_long)
            continue
        if torn:
            yield _INSTEAD if too_long else bytes(begun + b"\n")
            begun, too_long, torn = bytearray(), False, False
        ending, newline, after = piece.partition(b"\n")
        too_long |= len(begun) + len(ending) > LONGEST
        begun += b"" if too_long else ending
        if newline:
            yield _INSTEAD if too_long else bytes(begun + newline)
            lines, newline, rest = after.rpartition(b"\n")
            yield lines + newline
            begun, too_long = bytearray(rest), False
    if not torn:
        yield _INSTEAD if too_long else bytes(begun)
