"""How a campaign gets on, on stderr: a live view on a terminal, a plain line now and then else."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import click

from emu.campaign.campaign import Campaign
from emu.cli.words import outcomes, runs


class Monitor:
    """Shows how a campaign gets on; a context manager that leaves the screen clean."""

    def __init__(self) -> None:
        self._campaign: Campaign | None = None
        self._over = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        pass

    def watch(self, campaign: Campaign) -> None:
        """Show this campaign."""
        self._campaign = campaign

    def report(self, event: str, /, **fields: Any) -> None:
        """Something has happened."""
        assert self._campaign is not None
        if event == "over":
            self._over += 1
            account = next(
                one for one in self._campaign.accounts if one.spec.name == fields["entry"]
            )
            figures = account.figures
            click.echo(
                f"{self._over}/{len(self._campaign.accounts)} {account.spec.name}: "
                f"{outcomes(figures.outcomes)} in {runs(figures.runs)}, "
                f"{figures.seconds:.1f} s: {account.verdict.value}",
                err=True,
            )
        elif event == "lost":
            click.echo(f"{fields['entry']}: {fields['how']}", err=True)
