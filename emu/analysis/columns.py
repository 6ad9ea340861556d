"""Columns of text: a number in the margin, then a cell a thread, all within a given width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from emu.record.place import Place

DIGITS: Final = 5
"""How wide the number of a line is."""

MARGIN: Final = DIGITS + 2
"""The same, with the space after it."""

GAP: Final = 2
"""How much space is between two columns."""

NARROWEST: Final = 14
"""Below so many characters a column says nothing."""


def most_columns(width: int) -> int:
    """How many columns have room in `width` characters."""
    return (width - MARGIN + GAP) // (NARROWEST + GAP)


def numbered(number: str, cells: Iterable[str], digits: int = DIGITS) -> str:
    """A line: its number, and its cells."""
    return f"{number:>{digits}}  " + (" " * GAP).join(cells)


def cell(words: str, place: str, places: int, width: int) -> str:
    """Words and, `places` characters wide, a place; the words are shortened for that."""
    room = max(width - places - 1, 1)
    return f"{shortened(words, room).ljust(room)} {place.ljust(places)}"[:width].ljust(width)


def fitted(wanted: Sequence[int], room: int) -> list[int]:
    """Widths that together fit into `room`, taken from the widest first."""
    widths = list(wanted)
    while sum(widths) > room:
        widest = widths.index(max(widths))
        widths[widest] -= 1
    return widths


def shortened(text: str, room: int) -> str:
    """A text of at most `room` characters."""
    return text if len(text) <= room else text[: room - 1] + "…"


def common_file(places: Iterable[Place | None]) -> str:
    """The file that all these places are in; empty if there is no one file."""
    files = dict.fromkeys(place.file for place in places if place is not None)
    return next(iter(files)) if len(files) == 1 else ""


def placed(place: Place | None, common: str) -> str:
    """A place in a few characters: without its file where that is the common one."""
    if place is None:
        return ""
    if place.file == common:
        return f":{place.line}"
    return f"{place.file.removesuffix('.py')}:{place.line}"


def some_of(names: Sequence[str]) -> str:
    """The first three names, and how many more there are."""
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
