"""How a campaign gets on, on stderr: a live view on a terminal, a plain line now and then else."""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Final, Self

import trio

from emu.campaign.campaign import Campaign
from emu.campaign.overview import Overview, overview
from emu.cli.streams import discard, note
from emu.cli.words import outcomes, runs
from emu.search.edge import Halt

REFRESH: Final = 0.4
"""Seconds between two pictures on a terminal."""

PLAIN: Final = 5.0
"""Seconds between two plain lines."""

STOPPING: Final = "stopping; Ctrl-C once more ends it at once"


class Monitor:
    """Shows how a campaign gets on; a context manager that leaves the screen clean.

    `live` asks for the view, where there is a terminal for it. What happens is reported to it,
    and `run` is a task beside the campaign.
    """

    def __init__(self, campaign: Campaign, halt: Halt, *, live: bool = True) -> None:
        self._campaign = campaign
        self._halt = halt
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

    async def run(self) -> None:
        """Show how it gets on, until cancelled."""
        from emu.cli.view import View, line

        if self._screen is None:
            while True:
                await trio.sleep(PLAIN)
                note(line(self._look()))
        while True:
            stopping = STOPPING if self._halt.requested else ""
            try:
                self._screen.show(View(self._look(), stopping=stopping))
            except OSError:  # the terminal is gone; the work goes on
                discard(sys.stderr)
            await trio.sleep(REFRESH)

    def report(self, event: str, /, **fields: Any) -> None:
        """Something has happened: where there is no picture, the most important is told at once."""
        if event == "over":
            self._over += 1
        if self._screen is not None:
            return
        if event == "over":
            accounts = self._campaign.accounts
            key = fields["plan"], fields["entry"]
            account = next(one for one in accounts if (one.spec.plan, one.spec.name) == key)
            figures = account.figures
            note(
                f"{self._over}/{len(accounts)} {account.spec.name}: "
                f"{outcomes(figures.outcomes)} in {runs(figures.runs)}, "
                f"{figures.seconds:.1f} s: {account.verdict.value}"
            )
        elif event == "lost":
            note(f"{fields['entry']}: {fields['how']}")

    def _look(self) -> Overview:
        campaign = self._campaign
        return overview(
            campaign.ledger,
            campaign.accounts,
            campaign.pulse,
            seconds=campaign.seconds,
            now=time.time(),
            who=str(os.getpid()),
        )
