"""What `emu explore` can do beyond sampling: search exhaustively, and count behaviours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import click

from emu.analysis.coverage import RULE
from emu.campaign.plan import Entry
from emu.errors import UsageError
from emu.search.edge import Halt
from emu.search.exhaustive import MOST, NAME, exhaust
from emu.search.exploration import Exploration
from emu.search.explore import OnRun, explore

Command = TypeVar("Command", bound=Callable[..., Any])

RUNS: Final = 100_000
"""The budget of an exhaustive search that is given none."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How to search: at random, or exhaustively up to `bound`, with a reduction or without."""

    exhaustive: bool = False
    bound: int | None = None
    reduce: bool = True
    behaviours: bool = False

    def check(self, strategy: str | None, seed: int | None) -> None:
        """Raises `UsageError` for options that say nothing together."""
        if self.exhaustive:
            for name, value in (("--strategy", strategy), ("--seed", seed)):
                if value is not None:
                    raise UsageError(f"--exhaustive goes its own way: {name} has no meaning there")
        elif self.bound is not None:
            raise UsageError("--bound is for --exhaustive alone")
        elif not self.reduce:
            raise UsageError("--no-reduction is for --exhaustive alone")
        if self.bound is not None and not 0 <= self.bound <= MOST:
            raise UsageError(
                f"--bound is {self.bound}; allowed is a whole number from 0 to {MOST}, or none"
            )

    async def explore(self, entry: Entry, lanes: int, on_run: OnRun, halt: Halt) -> Exploration:
        """Explore an entry in this way."""
        if self.exhaustive:
            return await exhaust(
                entry.setup,
                bound=self.bound,
                reduce=self.reduce,
                runs=entry.runs,
                seconds=entry.seconds,
                stop=entry.until,
                on_run=on_run,
                halt=halt,
            )
        return await explore(
            entry.setup,
            entry.strategy,
            runs=entry.runs,
            seconds=entry.seconds,
            seed=entry.seed,
            lanes=lanes,
            stop=entry.until,
            behaviours=self.behaviours,
            on_run=on_run,
            halt=halt,
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
            help=f"Run every schedule there is, at most {RUNS:,} unless --runs or --seconds is "
            f"given; says whether it found, exhausted, or ran out of budget.",
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
