"""The picture of a schedule: one column a thread, one line a step, time downwards.

What runs in a signal handler stands behind a `|` for each handler that it is deep. Long
schedules are cut in the middle; where there is no room for a column a thread, the
threads' names stand in a column of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from emu.analysis.columns import (
    GAP,
    MARGIN,
    NARROWEST,
    cell,
    common_file,
    fitted,
    most_columns,
    numbered,
    placed,
    shortened,
    some_of,
)
from emu.analysis.steps import OUTSIDE, Step

WIDTH: Final = 100
ROWS: Final = 36
HEAD_ROWS: Final = 10
"""How many lines are kept of the beginning when a schedule is cut; the rest is its end."""


def draw(
    steps: Sequence[Step],
    order: Sequence[str] = (),
    involved: Sequence[str] = (),
    *,
    width: int = WIDTH,
    rows: int = ROWS,
) -> list[str]:
    """The lines of the picture of `steps`.

    `order` is that of the threads' columns; `involved` are those that cannot be left out.
    """
    threads = _in_order(steps, order)
    common = common_file(step.place for step in steps)
    most = most_columns(width)
    left_out: list[str] = []
    if len(threads) > most:
        needed = [thread for thread in threads if thread in involved]
        if needed and len(needed) <= most:
            left_out = [thread for thread in threads if thread not in needed]
            steps = [step for step in steps if step.thread in needed]
            threads = needed
    kept, gap = _cut(steps, rows)
    drawing = _columns if len(threads) <= most else _list
    lines = drawing(kept, threads, common, width)
    if gap:
        lines.insert(len(lines) - len(kept) + HEAD_ROWS, f"{'':{MARGIN}}… {gap} steps …")
    if left_out:
        lines.append(f"{'':{MARGIN}}({some_of(left_out)}: not shown)")
    return [line.rstrip() for line in lines]


def _in_order(steps: Sequence[Step], order: Sequence[str]) -> list[str]:
    """The threads that do something; what no thread did comes last."""
    doing = dict.fromkeys(step.thread for step in steps)
    known = [thread for thread in order if thread in doing]
    threads = [*known, *(thread for thread in doing if thread not in known)]
    return sorted(threads, key=lambda thread: thread == OUTSIDE)


def _cut(steps: Sequence[Step], rows: int) -> tuple[list[Step], int]:
    gap = len(steps) - rows
    if gap <= 0:
        return list(steps), 0
    return [*steps[:HEAD_ROWS], *steps[HEAD_ROWS + gap :]], gap


def _columns(steps: list[Step], threads: list[str], common: str, width: int) -> list[str]:
    cells = [(step.thread, _words(step), placed(step.place, common)) for step in steps]
    places = max((len(place) for _, _, place in cells), default=0)
    wanted = {thread: max(NARROWEST, len(thread)) for thread in threads}
    for owner, words, _ in cells:
        wanted[owner] = max(wanted[owner], len(words) + 1 + places)
    widths = fitted(list(wanted.values()), width - MARGIN - GAP * (len(threads) - 1))
    lines = [
        numbered("", [shortened(name, w).ljust(w) for name, w in zip(threads, widths, strict=True)])
    ]
    for step, (owner, words, place) in zip(steps, cells, strict=True):
        row = [
            cell(words, place, places, w) if thread == owner else " " * w
            for thread, w in zip(threads, widths, strict=True)
        ]
        lines.append(numbered(str(step.number), row))
    return lines


def _list(steps: list[Step], threads: list[str], common: str, width: int) -> list[str]:
    names = min(max(map(len, threads)), 20)
    places = max((len(placed(step.place, common)) for step in steps), default=0)
    room = width - MARGIN - names - GAP
    wanted = max((len(_words(step)) for step in steps), default=0) + 1 + places
    room = min(room, wanted)
    return [
        numbered(
            str(step.number),
            [
                shortened(step.thread, names).ljust(names),
                cell(_words(step), placed(step.place, common), places, room),
            ],
        )
        for step in steps
    ]


def _words(step: Step) -> str:
    return "| " * step.depth + step.words
