"""How a campaign gets on, on stderr: a live view on a terminal, a plain line now and then else."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Final, Self

import trio

from emu.campaign.overview import Overview
from emu.cli.streams import discard, note
from emu.cli.words import outcomes, runs
from emu.record.finding import VERDICTS

REFRESH: Final = 0.4
"""Seconds between two pictures on a terminal."""

PLAIN: Final = 5.0
"""Seconds between two plain lines."""


class Monitor:
    """Shows how a campaign gets on; a context manager that leaves the screen clean.

    `look` gives it at a glance, `entries` is how many it has, `stopping` says that it is about to
    stop, if it is. `live` asks for the view, where there is a terminal for it. What happens is
    reported to it, and `run` is a task beside the campaign, for who has trio; who has not calls
    `show` every `pause` seconds.
    """

    def __init__(
        self,
        look: Callable[[], Overview],
        entries: int,
        stopping: Callable[[], str] = str,
        *,
        live: bool = True,
    ) -> None:
        self._look = look
        self._entries = entries
        self._stopping = stopping
        self._wants = live
        self._screen: Any = None
        self._stack = ExitStack()
        self._over = 0

    def __enter__(self) -> Self:
        from emu.cli.screen import Screen, has_screen

        if self._wants and has_screen():
            self._screen = self._stack.enter_context(Screen())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._screen = None
        self._stack.close()

    @property
    def pause(self) -> float:
        """Seconds between two pictures, or lines."""
        return PLAIN if self._screen is None else REFRESH

    async def run(self) -> None:
        """Show how it gets on, until cancelled."""
        if self._screen is None:
            await trio.sleep(self.pause)
        while True:
            self.show()
            await trio.sleep(self.pause)

    def show(self) -> None:
        """Show how it gets on right now."""
        from emu.cli.view import View, line

        if self._screen is None:
            note(line(self._look()))
            return
        try:
            self._screen.show(View(self._look(), stopping=self._stopping()))
        except OSError:  # the terminal is gone; the work goes on
            discard(sys.stderr)

    def report(self, event: str, /, **fields: Any) -> None:
        """Something has happened: where there is no picture, the most important is told at once."""
        if event == "over":
            self._over += 1
        if self._screen is not None:
            return
        if event == "over":
            note(
                f"{self._over}/{self._entries} {fields['entry']}: "
                f"{outcomes(fields['outcomes'])} in {runs(fields['runs'])}, "
                f"{fields['seconds']:.1f} s: {VERDICTS[fields['met']].value}"
            )
        elif event == "lost":
            note(f"{fields['entry']}: {fields['how']}")
