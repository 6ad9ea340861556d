"""What can be had of a log that cannot be read as it is: a plain copy, line for line.

What is no line of a log has an empty object in its place, or the bare beginning of a run if it
begins as one, so that lines after it keep their numbers and runs their events. What cannot be
unpacked is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from emu.analysis.tables.sieve import Sieve
from emu.errors import LogError
from emu.record.history import HEAD
from emu.record.line import render
from emu.record.logs import BEGINS, CHUNK, unpacked

LONGEST: Final = 16 << 20
"""How long a line of a log may be, in bytes. The database makes room for several on each core, and
room costs time (*measured*: with 64 MB, a tenth)."""

TOO_LONG: Final = f"a line of more than {LONGEST >> 20} MB; no line of a log is so long"

_LONG: Final = render({"event": TOO_LONG})
"""What is had of a line that is too long."""

_INSTEAD: Final = render({})
_BEGINNING: Final = render({"event": HEAD})


def sound(log: Path, sieve: Sieve) -> bool:
    """Whether every line of a log is one."""
    return all(sieve.sound(lines) for lines in _lines(log))


class Fault(NamedTuple):
    """A line that is none: its number, from 1, what is wrong with it, and whether a run begins."""

    line: int
    said: str
    begins: bool


def salvage(log: Path, copy: Path, sieve: Sieve) -> Iterator[Fault]:
    """Write what can be had of `log` to `copy`; gives each line that is none.

    Raises `LogError` where the copy cannot be written.
    """
    try:
        with copy.open("wb") as file:
            for number, line in enumerate(chain.from_iterable(_lines(log)), start=1):
                said = TOO_LONG if line == _LONG else sieve.fault(line)
                if said is None:
                    file.write(line)
                else:
                    begins = line.startswith(BEGINS)
                    file.write(_BEGINNING if begins else _INSTEAD)
                    yield Fault(number, said, begins)
    except OSError as wrong:
        said = wrong.strerror or str(wrong)
        raise LogError(f"cannot copy what can be had of {log} to {copy}: {said}") from None


def _lines(log: Path) -> Iterator[list[bytes]]:
    """The lines of a log, some at a time; the last one may have no newline."""
    for text in _whole(_small(unpacked(log))):
        *lines, rest = text.split(b"\n")
        yield [line + b"\n" for line in lines] + ([rest] if rest else [])


def _small(chunks: Iterable[bytes | LogError]) -> Iterator[bytes | None]:
    """The chunks in pieces that are shorter than a line may be; None where something is lost."""
    for chunk in chunks:
        if isinstance(chunk, LogError):
            yield None
            continue
        for start in range(0, len(chunk), CHUNK):
            yield chunk[start : start + CHUNK]


def _whole(pieces: Iterable[bytes | None]) -> Iterator[bytes]:
    """Whole lines, some at a time, and at last what has no newline, unless it was torn there."""
    begun, too_long, torn = bytearray(), False, False
    for piece in pieces:
        if piece is None:
            torn = bool(begun or too_long)
            continue
        if torn:
            yield _LONG if too_long else bytes(begun + b"\n")
            begun, too_long, torn = bytearray(), False, False
        ending, newline, after = piece.partition(b"\n")
        too_long |= len(begun) + len(ending) > LONGEST
        begun += b"" if too_long else ending
        if newline:
            yield _LONG if too_long else bytes(begun + newline)
            lines, newline, rest = after.rpartition(b"\n")
            yield lines + newline
            begun, too_long = bytearray(rest), False
    if not torn:
        yield _LONG if too_long else bytes(begun)
