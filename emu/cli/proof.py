"""What `emu explore` can do beyond sampling: search exhaustively, and count behaviours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import click

from emu.analysis.coverage import RULE
from emu.campaign.entry import Entry
from emu.campaign.plan import EXHAUSTIVE_RUNS
from emu.errors import UsageError
from emu.search.answer import NAME
from emu.search.exhaustive import MOST
from emu.search.exploration import Exploration

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Proof:
    """How to search: at random, or exhaustively up to `bound`, with a reduction or without."""

    exhaustive: bool = False
    bound: int | None = None
    reduce: bool = True

    def apply(self, entry: Entry, strategy: str | None, seed: int | None) -> Entry:
        """`entry` with these options, `--strategy` and `--seed`; a plan's own words stand else.

        Raises `UsageError` for options that say nothing together.
        """
        named = self.strategy(strategy) or entry.strategy
        if named == NAME:
            return self._exhaustive(entry, seed)
        if self.bound is not None:
            raise UsageError("--bound is for --exhaustive alone")
        if not self.reduce:
            raise UsageError("--no-reduction is for --exhaustive alone")
        return replace(entry, strategy=named, seed=entry.seed if seed is None else seed)

    def strategy(self, typed: str | None) -> str | None:
        """The strategy that was asked for, if any; raises `UsageError` if it was two."""
        if self.exhaustive and typed not in (None, NAME):
            raise UsageError("--exhaustive goes its own way: --strategy has no meaning there")
        return NAME if self.exhaustive else typed

    def _exhaustive(self, entry: Entry, seed: int | None) -> Entry:
        if seed is not None:
            raise UsageError("--exhaustive goes its own way: --seed has no meaning there")
        if self.bound is not None and not 0 <= self.bound <= MOST:
            raise UsageError(
                f"--bound is {self.bound}; allowed is a whole number from 0 to {MOST}, or none"
            )
        planned = entry.strategy == NAME
        return replace(
            entry,
            strategy=NAME,
            bound=entry.bound if self.bound is None else self.bound,
            runs=entry.runs if planned else EXHAUSTIVE_RUNS,
            seconds=entry.seconds if planned else None,
        )


def options(command: Command) -> Command:
    """--exhaustive, --bound, --no-reduction, --behaviours and --until-saturated."""
    for option in (
        click.option(
            "--until-saturated",
            "saturates",
            is_flag=True,
            help="Stop once new behaviours have become rare, and say how many may be left.",
        ),
        click.option(
            "--behaviours", is_flag=True, help="Count distinct behaviours: orders that differ."
        ),
        click.option(
            "--reduction/--no-reduction",
            "reduces",
            default=True,
            help="Leave out schedules of an order that another one has [default: yes].",
        ),
        click.option(
            "--bound",
            type=int,
            metavar="N",
            help="At most N preemptions, injections and early timers a run [default: any].",
        ),
        click.option(
            "--exhaustive",
            is_flag=True,
            help=f"Run every schedule there is, at most {EXHAUSTIVE_RUNS:,} unless --runs or "
            f"--seconds is given; says whether it found, exhausted, or ran out of budget.",
        ),
    ):
        command = option(command)
    return command


def sentences(explored: Exploration) -> list[str]:
    """What is known of the schedules that were not run, a line each."""
    lines = []
    if explored.answer is not None:
        more = f" ({explored.redundant:,} runs more were cut short)" if explored.redundant else ""
        lines.append(f"{NAME} search: {explored.answer}{more}")
    if explored.coverage is not None:
        estimate = explored.coverage.estimate
        if explored.answer is None:
            lines.append(f"{estimate}; {'' if estimate.saturated else 'not '}{RULE}")
        else:
            some = estimate.behaviours
            lines.append(f"{some:,} distinct behaviour{'' if some == 1 else 's'}")
    return lines
