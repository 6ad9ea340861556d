"""The runs of some logs, as the verbs that look at one run after the other read them."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

import click

from emu.analysis.levels import in_part
from emu.analysis.tables.sources import Sources
from emu.analysis.tables.unpack import runs_in
from emu.cli import words
from emu.errors import LogError
from emu.record.finding import OK
from emu.record.history import ALL
from emu.record.logs import Logged


class Reader:
    """The runs of logs and packs with some outcomes (globs; all, if none), as often as wanted.

    With `whole`, runs of which the log has a part of the events are left out: who cannot see all
    must not say what may happen. Raises `LogError` for a path that means nothing.
    """

    def __init__(
        self, paths: tuple[str, ...], outcomes: tuple[str, ...], *, whole: bool = False
    ) -> None:
        self.outcomes = outcomes
        self.whole = whole
        self.runs = self.others = self.parts = 0
        self._sources = Sources(paths)
        self._newer: dict[str, None] = {}
        self._broken: dict[str, None] = {}

    def __call__(self) -> Iterator[Logged]:
        """One run after the other."""
        self.runs = self.others = self.parts = 0
        for run in runs_in(self._sources, self._newer.setdefault):
            if isinstance(run, LogError):
                self._broken[str(run)] = None
            elif not self._wanted(run.history.outcome.name):
                self.others += 1
            else:
                part = run.history.level != ALL
                self.parts += part
                if not (part and self.whole):
                    self.runs += 1
                    yield run

    @property
    def damage(self) -> list[str]:
        """What is wrong with what was read, once: runs that could not be, those logged in part."""
        said = [*self._sources.damage, *self._newer, *self._broken]
        if self.parts:
            said.append(in_part(self.parts, self.runs + self.parts * self.whole))
        return list(dict.fromkeys(said))

    def _wanted(self, outcome: str) -> bool:
        return not self.outcomes or any(fnmatchcase(outcome, one) for one in self.outcomes)

    def in_words(self) -> str:
        """What was read, in a sentence."""
        left = [f"{self.others:,} with another outcome"] if self.others else []
        left += [f"{self.parts:,} logged in part"] if self.parts and self.whole else []
        left += [f"{len(self._broken):,} damaged"] if self._broken else []
        passed = f"; {', '.join(left)} left out" if left else ""
        return f"{words.runs(self.runs)} looked at{passed}"


PASSED: Final = (OK, "exit *")
"""The outcomes of runs that came to their end by themselves: nothing hung in them or broke."""

outcomes = click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    default=PASSED,
    help="Look at the runs that ended so, alone; a glob; may be given again [default: ok and "
    "'exit *', the runs in which nothing hung or broke].",
)
"""--outcome: which runs are looked at, those that passed unless told otherwise."""

any_outcome = click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    help="Look at the runs that ended so, alone; a glob; may be given again [default: every run].",
)
"""--outcome, for verbs that look at every run unless told otherwise."""
