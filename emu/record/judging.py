"""The one rule for what a line of a log is, whoever reads it."""

from __future__ import annotations

from emu.errors import TapeError
from emu.record.history import HEAD, TAIL
from emu.record.line import parse
from emu.record.reading import ending_of, head_of
from emu.record.row import raw_of


def fault_of(line: bytes, *, newer: bool = False) -> str | None:
    """What is wrong with a line, taken by itself; None if it is one of a log.

    One of a `newer` emu may have fields that this one does not know.
    """
    try:
        row = parse(line)
        kind = row.get("event")
        if kind == HEAD:
            head_of(row, newer=newer)
        elif kind == TAIL:
            ending_of(row, newer=newer)
        else:
            raw_of(row, newer=newer)
    except (ValueError, TapeError) as wrong:
        return str(wrong)
    return None
