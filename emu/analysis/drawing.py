"""The drawing of a timeline: what each thread does, and the signs of what it is in beside it.

Where there is room, a place stands behind the words that it belongs to; else all places stand in
a column of their own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final

from emu.analysis import bars
from emu.analysis.bars import Bar
from emu.analysis.columns import (
    DIGITS,
    GAP,
    MARGIN,
    NARROWEST,
    cell,
    common_file,
    fitted,
    numbered,
    placed,
    shortened,
)
from emu.analysis.lanes import Lanes
from emu.analysis.window import Shown

NARROW: Final = 9
"""Below so many characters a column without places says nothing."""

_PLACES: Final = 8
"""How wide the places of a program are, for a guess."""

SIGNS: Final[dict[str, tuple[str, str, str]]] = {
    bars.HOLD: ("┏", "┃", "┗"),
    bars.HANDLER: ("╓", "║", "╙"),
    bars.WAIT: ("┌", "┊", "└"),
    bars.BLOCK: ("┌", "┊", "└"),
    bars.SLEEP: ("┌", "┊", "└"),
    bars.STALL: ("┌", "┊", "└"),
}
"""What stands for each kind of bar where it begins, while it lasts, and where it ends."""

MEANINGS: Final[dict[str, str]] = {
    bars.HOLD: "holds a lock",
    bars.HANDLER: "runs a handler",
    bars.WAIT: "waits",
    bars.BLOCK: "waits",
    bars.SLEEP: "waits",
    bars.STALL: "waits",
}
"""What the signs of each kind of bar mean."""

STANDING: Final[dict[str, str]] = {
    bars.HOLD: "{name}",
    bars.HANDLER: "handler of {name}",
    bars.WAIT: "wait {name}",
    bars.BLOCK: "wait {name}",
    bars.SLEEP: "sleep",
    bars.STALL: "stall",
}
"""What is said of a bar that began before the first line."""


def most_threads(width: int) -> int:
    """How many threads have room for a column each, in about so many characters."""
    return (width - MARGIN - _PLACES) // (NARROW + GAP)


class Drawing:
    """Knows how wide each column is, and where in it each row of bars stands."""

    def __init__(
        self,
        lanes: Lanes,
        threads: Sequence[str],
        parts: Sequence[Sequence[Shown]],
        width: int,
    ) -> None:
        """The `parts` are drawn one below the other; between them something may be left out."""
        shown = [one for part in parts for one in part]
        self._rows = {thread: _rows(lanes.bars, thread) for thread in threads}
        self._kinds = {bar.kind for bar in lanes.bars if bar.thread in self._rows}
        self._common = common_file(one.step.place for one in shown)
        self._places = max((len(self._place(one)) for one in shown), default=0)
        words = {thread: len(thread) for thread in threads}
        for one in shown:
            thread = one.step.thread
            words[thread] = max(words[thread], self._gutter(thread) + len(one.step.words))
        before = {
            thread: max(
                (len(self._standing(thread, part[0].event)) for part in parts if part), default=0
            )
            for thread in threads
        }
        self._digits = max((len(str(one.step.number)) for one in shown), default=0)
        self._digits = max(self._digits, DIGITS)
        room = width - MARGIN + DIGITS - self._digits - GAP * (len(threads) - 1)
        wanted = [
            max(NARROWEST, words[thread] + 1 + self._places, before[thread]) for thread in threads
        ]
        self._aside = sum(wanted) > room
        if self._aside:
            wanted = [max(NARROW, words[thread], before[thread]) for thread in threads]
            room -= GAP + self._places
        self._widths = dict(zip(threads, fitted(wanted, room), strict=True))

    def legend(self) -> str:
        """What the signs mean that can be in the drawing; empty without any."""
        kinds = (kind for kind in SIGNS if kind in self._kinds)
        return ", ".join(dict.fromkeys(f"{SIGNS[kind][1]} {MEANINGS[kind]}" for kind in kinds))

    def head(self) -> str:
        """The line with the threads' names."""
        heads = [shortened(name, w).ljust(w) for name, w in self._widths.items()]
        return numbered("", heads, self._digits)

    def lines(self, part: Sequence[Shown]) -> list[str]:
        """A line for each event, below one that says what the threads are in by then."""
        if not part:
            return []
        first = part[0].event
        standing = [
            shortened(self._standing(thread, first), width).ljust(width)
            for thread, width in self._widths.items()
        ]
        lines = [numbered("…", standing, self._digits)] if any(map(str.strip, standing)) else []
        return lines + [self._line(one) for one in part]

    def _line(self, one: Shown) -> str:
        cells = []
        place = self._place(one)
        for thread, width in self._widths.items():
            signs = self._signs(thread, one.event)
            room = max(width - len(signs), 0)
            text = ""
            if thread == one.step.thread and self._aside:
                text = shortened(one.step.words, room)
            elif thread == one.step.thread:
                text = cell(one.step.words, place, self._places, room)
            cells.append(f"{signs}{text}"[:width].ljust(width))
        cells += [place] if self._aside else []
        return numbered(str(one.step.number), cells, self._digits)

    def _standing(self, thread: str, event: int) -> str:
        """What a thread is in right before an event."""
        inside = [bar for row in self._rows[thread] if (bar := _before(row, event))]
        names = (STANDING[bar.kind].format(name=bar.name).strip() for bar in inside)
        signs = [
            SIGNS[bar.kind][1] if (bar := _before(row, event)) else " "
            for row in self._rows[thread]
        ]
        return f"{''.join(signs)} {', '.join(names)}" if inside else ""

    def _signs(self, thread: str, event: int) -> str:
        signs = "".join(_sign(row, event) for row in self._rows[thread])
        return f"{signs} " if signs else ""

    def _gutter(self, thread: str) -> int:
        """How wide the signs of a thread are, with the space after them."""
        return len(self._rows[thread]) + bool(self._rows[thread])

    def _place(self, one: Shown) -> str:
        return placed(one.step.place, self._common)


def _rows(of: Iterable[Bar], thread: str) -> list[list[Bar]]:
    """The bars of a thread, row by row, in order; bars of a row do not overlap."""
    rows: dict[int, list[Bar]] = {}
    for bar in of:
        if bar.thread == thread:
            rows.setdefault(bar.row, []).append(bar)
    return [rows[row] for row in sorted(rows)]


def _sign(row: Sequence[Bar], event: int) -> str:
    at = bisect_right(row, event, key=lambda bar: bar.start) - 1
    if at >= 0:
        begin, middle, end = SIGNS[row[at].kind]
        if row[at].end is None or event < (row[at].end or 0):
            return begin if row[at].start == event and not row[at].seen_late else middle
        if row[at].end == event:
            return end
    return " "


def _before(row: Sequence[Bar], event: int) -> Bar | None:
    """The bar that a thread is in right before an event."""
    at = bisect_right(row, event - 1, key=lambda bar: bar.start) - 1
    if at < 0:
        return None
    end = row[at].end
    return row[at] if end is None or event <= end else None
