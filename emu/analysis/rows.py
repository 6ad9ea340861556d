"""Rows: where the bars of a thread are drawn, so that none covers another.

What a thread is in on top of something else (a wait, a handler) lies above all that it is in by
then, and so does what begins inside a handler. A hold takes the lowest row that is free: locks
that are taken hand over hand need two rows, not one each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from emu.analysis.bars import HANDLER, HOLD, Bar


def in_rows(bars: Sequence[Bar]) -> list[Bar]:
    """The bars, which are ordered by their beginnings, each with its row."""
    open_by_thread: dict[str, list[Bar]] = {}
    placed = []
    for bar in bars:
        below = open_by_thread.get(bar.thread, [])
        below = [one for one in below if one.end is None or one.end > bar.start]
        one = replace(bar, row=_row(bar, below))
        open_by_thread[bar.thread] = [*below, one]
        placed.append(one)
    return placed


def _row(bar: Bar, below: Iterable[Bar]) -> int:
    if bar.kind != HOLD:
        return 1 + max((one.row for one in below), default=-1)
    handlers = [one.row for one in below if one.kind == HANDLER and one.depth <= bar.depth]
    row = 1 + max(handlers, default=-1)
    taken = {one.row for one in below}
    while row in taken:
        row += 1
    return row
