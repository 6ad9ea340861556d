"""Two runs in two columns, from where they part: what each does next, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from emu.analysis.message import headline
from emu.analysis.parting import Parting, Tells
from emu.analysis.picture import WIDTH
from emu.analysis.steps import OUTSIDE, words_of
from emu.record.event import Event
from emu.record.finding import Finding
from emu.record.history import History
from emu.record.place import parse_place

BEFORE: Final = 3
"""How many events are shown of those that both runs have."""

AFTER: Final = 14
"""How many lines are shown of what follows."""

_GAP: Final = 3


class Side(NamedTuple):
    """One of two runs, and what it is called."""

    name: str
    history: History


def side_by_side(
    left: Side, right: Side, parting: Parting | None, *, width: int = WIDTH
) -> list[str]:
    """Lines that say where two runs part, why that matters, and how both go on."""
    if parting is None:
        return [f"{left.name} and {right.name}: the same history, {left.history.outcome.name}"]
    column = (width - 2 - _GAP) // 2
    lines = [*_where(left, right, parting), ""]
    if parting.tells is not None:
        lines += [*_why(left, right, parting.tells), ""]
    lines += [f"  {line}".rstrip() for line in _columns(left, right, parting, column)]
    lines.append("")
    for side in (left, right):
        lines.append(f"  {side.name}: {headline(side.history, _finding(side.history))}")
    return lines


def _where(left: Side, right: Side, parting: Parting) -> list[str]:
    events = f"{parting.common:,} event{'' if parting.common == 1 else 's'}"
    return [
        f"{left.name} and {right.name} have {events} in common. Then",
        "",
        f"  {_does(left, parting.left)}",
        f"  {_does(right, parting.right)}",
    ]


def _does(side: Side, event: Event | None) -> str:
    if event is None:
        return f"{side.name} ends"
    thread = event.thread or OUTSIDE
    return f"{side.name} goes on with {thread}: {words_of(event)}{_place(event)}, step {event.step}"


def _why(left: Side, right: Side, tells: Tells) -> list[str]:
    """The first thing that a thread does otherwise."""
    lines = [f"It tells in {tells.thread or OUTSIDE}, which then does otherwise:", ""]
    for side, event in ((left, tells.left), (right, tells.right)):
        what = "does not come to it" if event is None else f"{words_of(event)}{_place(event)}"
        at = "" if event is None else f", step {event.step}"
        lines.append(f"  {side.name}: {what}{at}")
    return lines


def _columns(left: Side, right: Side, parting: Parting, width: int) -> list[str]:
    ours, theirs = left.history.events, right.history.events
    first = max(0, parting.common - BEFORE)
    shared = [_cell(event) for event in ours[first : parting.common]]
    mine = _following(ours[parting.common :], left)
    other = _following(theirs[parting.common :], right)
    mine += [""] * (len(other) - len(mine))
    other += [""] * (len(mine) - len(other))
    rows = [(left.name, right.name), *((cell, cell) for cell in shared)]
    rows += [("─" * width, "─" * width), *zip(mine, other, strict=True)]
    return [
        f"{_cut(one, width):<{width}}{'':{_GAP}}{_cut(two, width)}".rstrip() for one, two in rows
    ]


def _following(events: Sequence[Event], side: Side) -> list[str]:
    cells = [_cell(event) for event in events[:AFTER]]
    if len(events) > AFTER:
        cells.append(f"{'':5}  … {len(events) - AFTER} events more")
    return [*cells, f"{'':5}  {side.history.outcome.name}"]


def _cell(event: Event) -> str:
    handlers = "| " * event.depth
    return f"{event.step:>5}  {event.thread or OUTSIDE}  {handlers}{words_of(event)}{_place(event)}"


def _place(event: Event) -> str:
    place = parse_place(event.at)
    return f" {place.file.removesuffix('.py')}:{place.line}" if place is not None else ""


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _finding(history: History) -> Finding | None:
    return history.findings[0] if history.findings else None
