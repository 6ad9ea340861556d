"""Tells the lines of a log from what is none, by the one rule of the record.

That takes several times as long as to read the columns that a table needs. So some pieces of
every log are looked at first, and all of a log where one of them has something odd.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from os import SEEK_END
from pathlib import Path
from typing import Final

from emu.record.judging import fault_of

KNOWN: Final = 1 << 16
"""How many good lines are remembered: the runs of a program say much alike, and what was seen
before is good for a tenth of the time (*measured*)."""

SHORT: Final = 1 << 10
"""How long a line may be to be remembered, in bytes."""

PIECES: Final = 16
"""How many pieces of a log are looked at first."""

PIECE: Final = 1 << 14
"""How long such a piece is, in bytes."""


class Sieve:
    """Says what is wrong with lines of one log; `newer` if a newer emu than this wrote it."""

    def __init__(self, *, newer: bool = False) -> None:
        self._newer = newer
        self._good: set[bytes] = set()

    def fault(self, line: bytes) -> str | None:
        """What is wrong with a line; None if nothing is."""
        if line in self._good:
            return None
        said = fault_of(line, newer=self._newer)
        if said is None and len(line) <= SHORT:
            if len(self._good) == KNOWN:
                self._good.clear()
            self._good.add(line)
        return said

    def sound(self, lines: Iterable[bytes]) -> bool:
        """Whether nothing is wrong with any of some lines."""
        good = self._good
        return all(line in good or self.fault(line) is None for line in lines)


def pieces(log: Path) -> Iterator[list[bytes]]:
    """The lines in some pieces of a log that is not compressed, from its beginning to its end."""
    with log.open("rb") as file:
        last = max(file.seek(0, SEEK_END) - PIECE, 0)
        for start in sorted({last * number // (PIECES - 1) for number in range(PIECES)}):
            file.seek(start)
            yield lines_within(file.read(PIECE), whole=start == 0)


def lines_within(piece: bytes, *, whole: bool) -> list[bytes]:
    """The lines that are in a piece of a log from end to end; the first if it is `whole`."""
    return piece.split(b"\n")[not whole : -1]
