"""What is going on, on stderr: one line that changes on a terminal, a plain line now and then else.

Runs, runs a second, the outcomes so far, and the time left.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Protocol, Self

import click

from emu.campaign.entry import Entry
from emu.cli.words import outcomes, runs
from emu.search.exploration import Exploration
from emu.search.shrink import Shrinker

REFRESH: Final = 0.2
"""Seconds between two pictures on a terminal."""

PLAIN: Final = 5.0
"""Seconds between two plain lines."""


class _Screen(Protocol):
    def update(self, renderable: str, *, refresh: bool) -> None: ...
    def stop(self) -> None: ...


class Progress:
    """Shows how an entry's exploration gets on; a context manager that leaves the screen clean."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._due = 0.0
        self._entry: Entry | None = None
        self._label = ""
        self._screen: _Screen | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._screen = _screen()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        if self._screen is not None:
            self._screen.stop()

    def begin(self, entry: Entry, label: str = "") -> None:
        """The exploration of `entry` begins; `label` says which of how many it is."""
        self._entry = entry
        self._label = f"{label}{entry.name}"
        self._began = time.monotonic()
        self._due = self._began + (REFRESH if self._screen else PLAIN)

    def show(self, explored: Exploration) -> None:
        """Show what `explored` has so far, if it is time."""
        self._tell(lambda seconds: self._line(explored, seconds))

    def shrinking(self, shrinker: Shrinker) -> None:
        """Show how far `shrinker` has come, if it is time."""
        self._tell(
            lambda _: (
                f"{self._label}  {runs(shrinker.runs)} to shrink it, "
                f"{len(shrinker.best.deviations):,} deviations left"
            )
        )

    def _tell(self, line: Callable[[float], str]) -> None:
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + (REFRESH if self._screen else PLAIN)
        text = line(now - self._began)
        if self._screen is not None:
            self._screen.update(text, refresh=True)
        else:
            click.echo(text, err=True)

    def done(self, line: str) -> None:
        """An entry is done: `line` stays on the screen."""
        if self._screen is not None:
            self._screen.update("", refresh=True)
        click.echo(line, err=True)

    def _line(self, explored: Exploration, seconds: float) -> str:
        rate = explored.runs / seconds if seconds else 0.0
        parts = [
            self._label,
            runs(explored.runs),
            f"{rate:,.0f}/s",
            outcomes(explored.outcomes),
        ]
        left = _left(self._entry, explored.runs, seconds)
        if left is not None:
            parts.append(f"at most {left:.0f} s left")
        return "  ".join(parts)


def _left(entry: Entry | None, runs: int, seconds: float) -> float | None:
    """Seconds until the budget is spent, at the rate so far; None if nothing is known."""
    if entry is None:
        return None
    limits = []
    if entry.seconds is not None:
        limits.append(entry.seconds - seconds)
    if entry.runs is not None and runs:
        limits.append(seconds * (entry.runs / runs - 1))
    return max(min(limits), 0.0) if limits else None


def _screen() -> _Screen:
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    live = Live("", console=console, auto_refresh=False, transient=True)
    live.start()
    return live
