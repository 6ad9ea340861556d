"""Which run of some logs is meant: PATH, or PATH#N, or PATH with --run N."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click

from emu.analysis.tables.sources import Sources
from emu.analysis.tables.unpack import runs_in
from emu.cli import words
from emu.cli.logs import output
from emu.cli.streams import note
from emu.errors import LogError, UsageError
from emu.record.logs import Logged

run = click.option(
    "--run",
    "number",
    type=click.IntRange(min=1),
    metavar="N",
    help="The run with this number, from 1, as they stand in PATH.",
)
"""--run: one of several."""


class Chosen(NamedTuple):
    """A run, and its number among those of PATH, from 1."""

    path: str
    number: int
    logged: Logged

    def __str__(self) -> str:
        """PATH#N, and where that is, unless it goes without saying."""
        file, line = self.logged.path, self.logged.line
        return f"{self.path}#{self.number}" + (f" ({file}:{line})" if file != self.path else "")


def runs(path: str) -> Iterator[Chosen | LogError]:
    """Every run of the logs at `path`, or of what was packed; a damaged one has a number as well.

    A log is not looked at before its runs are wanted.
    """
    sources = Sources([path])
    output.tell(sources.damage)
    yield from _numbered_runs(path, sources)


def _numbered_runs(path: str, sources: Sources) -> Iterator[Chosen | LogError]:
    every = runs_in(sources, lambda sentence: output.tell([sentence]))
    for number, one in enumerate(every, start=1):
        yield one if isinstance(one, LogError) else Chosen(path, number, one)


def whole_runs(path: str) -> Iterator[Chosen]:
    """Every run that can be read; what cannot is said once on stderr. Raises it if none can."""
    sources = Sources([path])
    output.tell(sources.damage)

    def tell(found: list[str]) -> None:
        output.tell(one for one in found if one not in sources.damage)

    damage: dict[str, LogError] = {}
    told = 0
    found = False
    for one in _numbered_runs(path, sources):
        if isinstance(one, LogError):
            damage.setdefault(str(one), one)
            continue
        found = True
        tell(list(damage)[told:])
        told = len(damage)
        yield one
    tell(list(damage)[max(told, not found) :])
    if not found:
        raise next(iter(damage.values()))


def chosen(path: str, number: int | None = None) -> Chosen:
    """The run that `path` and `number` mean.

    Where no number is given that is the first one with a finding, or else the first one; which
    one it is of several is said on stderr. Raises `LogError` for a run that there is not.
    """
    path, number = split(path, number)
    if number is not None:
        return _numbered(path, number)
    first: Chosen | None = None
    for one in whole_runs(path):
        if one.logged.history.findings:
            if first is not None:
                note(f"emu: {path}: run {one.number}, the first that found something")
            return one
        first = first or one
    assert first is not None
    return first


def split(path: str, number: int | None) -> tuple[str, int | None]:
    """Take the number out of PATH#N, unless there is a file of that name."""
    name, sign, digits = path.rpartition("#")
    if not sign or not digits.isdecimal() or Path(path).exists():
        return path, number
    if number is not None:
        raise UsageError(f"{path} names a run, and --run {number} another; give one of them")
    return name, int(digits)


def _numbered(path: str, number: int) -> Chosen:
    count = 0
    for count, one in enumerate(runs(path), start=1):
        if count == number:
            if isinstance(one, LogError):
                raise one
            return one
    raise LogError(f"{path} has {words.runs(count)}; there is no run {number}")
