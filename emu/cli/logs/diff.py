"""`emu logs diff`: where two logged runs part."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

import click

from emu.analysis.levels import PART
from emu.analysis.meeting import Meeting, meet
from emu.analysis.message import headline
from emu.analysis.parting import Parting, part
from emu.analysis.picture import WIDTH
from emu.analysis.sidebyside import Side, side_by_side
from emu.cli import options
from emu.cli.logs import choosing
from emu.cli.logs.choosing import Chosen
from emu.cli.output import print_json
from emu.cli.parted import parted
from emu.cli.words import plain
from emu.record.history import ALL, LEVELS, History
from emu.record.log import log_bytes
from emu.record.reading import parse_history

NAMES: Final = ("A", "B")


@click.command("diff")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@options.json
def command(a: str, b: str, *, as_json: bool) -> None:
    """Show where two runs part, what comes of it, and where they meet again.

    A and B are logs; PATH#N is the run with this number, and without one it is the first that
    found something. The runs meet where every thread has done the same in both.
    """
    both = [choosing.chosen(path) for path in (a, b)]
    notes = list(_otherwise(*both))
    histories = [one.logged.history for one in both]
    if {history.level for history in histories} != {histories[0].level}:
        histories = [_with_locks_alone(history) for history in histories]
    left, right = (Side(*pair) for pair in zip(NAMES, histories, strict=True))
    parting = part(left.history, right.history)
    meeting = None if parting is None else meet(left.history, right.history, parting.common)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH
    head = [_named(one, side, parting) for one, side in zip(both, (left, right), strict=True)]
    lines = [*head, *notes, "", *side_by_side(left, right, parting, width=width)]
    if parting is not None:
        lines += ["", *_again(left, right, meeting)]
    text = "\n".join(lines)
    if as_json:
        print_json(_row(both, left, right, parting, meeting, notes, text))
    else:
        click.echo(text)


def _otherwise(one: Chosen, other: Chosen) -> Iterator[str]:
    """What the two runs were told that differs: no wonder, then, that they part."""
    left, right = one.logged.history, other.logged.history
    for what in ("scenario", "params", "chaos", "watchdog", "emu"):
        mine, others = getattr(left.info, what), getattr(right.info, what)
        if mine != others and what in ("scenario", "emu"):
            yield f"not the same {what}: {mine} and {others}"
        elif mine != others:
            yield f"not the same {what}: {_differing(mine, others)}"
    if left.level != right.level:
        levels = f"A is of level {left.level}, B of level {right.level}"
        yield f"{levels}; compared are {LEVELS[PART]}"


def _differing(mine: Any, others: Any) -> str:
    if not isinstance(mine, dict) or not isinstance(others, dict):
        return "see the first lines of the logs"
    names = [name for name in {**mine, **others} if mine.get(name) != others.get(name)]
    return ", ".join(
        f"{name} is {plain(mine.get(name))} and {plain(others.get(name))}" for name in names
    )


def _with_locks_alone(history: History) -> History:
    """What a log of level `locks` has of a run."""
    if history.level != ALL:
        return history
    log = log_bytes(history, level=PART)
    return parse_history(log.splitlines(keepends=True), PART)


def _named(one: Chosen, side: Side, parting: Parting | None) -> str:
    """Which run it is, and the line of the log that is the first to differ."""
    finding = next(iter(side.history.findings), None)
    named = f"{side.name}  {one}: {headline(side.history, finding)}"
    if parting is None or one.logged.history.level != side.history.level:
        return named
    return f"{named}; parts at {one.logged.path}:{one.logged.line_of(parting.common)}"


def _again(left: Side, right: Side, meeting: Meeting | None) -> list[str]:
    if meeting is None:
        return ["They do not meet again: at no moment has every thread done the same in both."]
    where = " and ".join(
        f"{side.name} at step {side.history.events[at].step}"
        for side, at in ((left, meeting.left), (right, meeting.right))
        if at is not None
    )
    said = f"They meet again, {where}" if where else "They differ in waits alone"
    if meeting.to_the_end:
        return [f"{said}: every thread has done the same by then, and does so to the end."]
    count = f"{meeting.together:,} event{'' if meeting.together == 1 else 's'}"
    on = f"go on alike for {count}" if meeting.together else "part at once"
    return [f"{said}: every thread has done the same by then. They {on}."]


def _row(
    both: list[Chosen],
    left: Side,
    right: Side,
    parting: Parting | None,
    meeting: Meeting | None,
    notes: list[str],
    text: str,
) -> dict[str, Any]:
    row = parted(left, right, parting, text)
    for one, run in zip(both, row["runs"], strict=True):
        line = None if parting is None else one.logged.line_of(parting.common)
        if one.logged.history.level != left.history.level:
            line = None
        info = one.logged.history.info
        run |= {"log": one.logged.path, "run": one.number, "line": line}
        run |= {"scenario": info.scenario, "params": info.params}
    return row | {"notes": notes, "meeting": None if meeting is None else asdict(meeting)}
