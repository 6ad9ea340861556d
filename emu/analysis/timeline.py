"""The timeline of a run: a column a thread, time downwards, and what each thread is in beside it.

A column begins with a sign for each thing that its thread is in, what came later to the right:
a lock that it holds, a wait, a handler. A sign begins and ends where that does, and goes on
through the lines of others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from emu.analysis.bars import HOLD
from emu.analysis.columns import MARGIN, some_of
from emu.analysis.drawing import Drawing, most_threads
from emu.analysis.lanes import Lanes
from emu.analysis.picture import HEAD_ROWS, WIDTH, draw
from emu.analysis.window import Shown, Sight, Window, sight, within
from emu.record.event import Event

ROWS: Final = 60
"""How many lines a timeline has unless it is to have more."""

LEAST_ROWS: Final = HEAD_ROWS + 2
"""With fewer lines than this there is nothing to see."""

HEAD: Final = 3
"""Where the middle is cut out, one of so many lines is of the beginning."""


class Timeline(NamedTuple):
    """The lines of a picture, and a sentence for each thing that it leaves out."""

    lines: list[str]
    left_out: list[str]


def timeline(
    events: Sequence[Event],
    lanes: Lanes,
    window: Window,
    involved: Sequence[str] = (),
    *,
    width: int = WIDTH,
    rows: int | None = ROWS,
) -> Timeline:
    """The timeline of a window of a run, at most `width` wide.

    It has at most so many `rows`, from `LEAST_ROWS` on; None shows all of the window. `involved`
    are threads that are not left out where there is no room for a column each; where there is
    none for those either, the threads' names have a column of their own.
    """
    seen = sight(events, lanes, window, rows)
    shown = seen.shown
    lanes = _without(within(events, lanes, window), seen.quiet)
    doing = {one.step.thread for one in shown} | {bar.thread for bar in lanes.bars}
    threads = [lane.name for lane in lanes.threads if lane.name in doing]
    idle = [lane.name for lane in lanes.threads if lane.name not in doing]
    notes = _not_shown(seen)
    if idle:
        notes.append(f"threads that do nothing here: {some_of(idle)}")
    most = most_threads(width)
    if len(threads) > most:
        needed = [thread for thread in threads if thread in involved]
        if not 0 < len(needed) <= most:
            steps = [one.step for one in shown]
            lines = draw(steps, threads, width=width, rows=len(steps) if rows is None else rows)
            return Timeline(lines, [*notes, f"{len(threads)} threads have no room for columns"])
        rest = [one for one in threads if one not in needed]
        notes.append(f"threads without room: {some_of(rest)}")
        shown = [one for one in shown if one.step.thread in needed]
        threads = needed
    lines, legend = _drawn(lanes, threads, shown, width, rows)
    return Timeline(lines, [*filter(None, [legend]), *notes])


def _drawn(
    lanes: Lanes, threads: Sequence[str], shown: Sequence[Shown], width: int, rows: int | None
) -> tuple[list[str], str]:
    """The drawing, its middle cut out if it has more lines than there may be, and its legend."""
    cut = 0 if rows is None else max(0, len(shown) - rows)
    head = (len(shown) - cut) // HEAD if cut else len(shown)
    first, last = shown[:head], shown[head + cut :]
    drawing = Drawing(lanes, threads, (first, last), width)
    lines = [drawing.head(), *drawing.lines(first)]
    if cut:
        gone, to = shown[head].step.number, shown[head + cut - 1].step.number
        lines.append(f"{'':{MARGIN}}… {cut:,} more, steps {gone:,} to {to:,} …")
    lines += drawing.lines(last)
    return [line.rstrip() for line in lines], drawing.legend()


def _without(lanes: Lanes, quiet: frozenset[int]) -> Lanes:
    bars = (bar for bar in lanes.bars if bar.kind != HOLD or bar.start not in quiet)
    return replace(lanes, bars=tuple(bars))


def _not_shown(seen: Sight) -> list[str]:
    counts = [f"{count:,} {kind}" for kind, count in seen.left_out.most_common()]
    if seen.quiet:
        counts.append(f"{len(seen.quiet):,} of locks that nobody waited for")
    return [f"events not shown: {', '.join(counts)}"] if counts else []
