"""`emu soak`: the entries of plans, one after another, and a table of what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from emu.campaign.plan import Entry, Plan, read_plan
from emu.campaign.result import Result
from emu.campaign.soak import Orders, soak, worst
from emu.cli import options, status
from emu.cli.output import note, print_json
from emu.cli.progress import Progress
from emu.cli.prompt import complain
from emu.cli.target import import_from_here
from emu.cli.words import outcomes, refutation, runs
from emu.errors import LogError, UsageError
from emu.record.finding import Verdict
from emu.search.edge import Halt, run_trio


@click.command("soak")
@click.argument("plans", nargs=-1, required=True, metavar="PLAN...")
@options.budget
@options.seed
@options.out
@options.json
def command(
    plans: tuple[str, ...],
    runs: int | None,
    seconds: float | None,
    lanes: int,
    seed: int | None,
    out: str,
    *,
    as_json: bool,
) -> int:
    """Run every entry of each PLAN, a TOML file; --runs and --seconds are for each entry.

    Exit status: 0 every expectation is met, 1 one is not, 3 one is unknown, 130 interrupted.
    """
    import_from_here()
    read = _read(plans)
    orders = Orders(runs, seconds, seed, lanes, Path(out))
    made = Soak(read, orders)
    made.run()
    made.show(as_json=as_json)
    return made.status


class Soak:
    """A soak at the prompt: what was asked for, and what has come of it so far."""

    def __init__(self, plans: Sequence[Plan], orders: Orders) -> None:
        self.plans = plans
        self.orders = orders
        self.results: list[Result] = []
        self.interrupted = False
        self.failed = ""
        self._total = sum(len(plan.entries) for plan in plans)

    @property
    def verdict(self) -> Verdict:
        """The verdict of the whole; an entry that was not run is unknown."""
        verdicts = [result.verdict for result in self.results]
        if len(verdicts) < self._total:
            verdicts.append(Verdict.UNKNOWN)
        return worst(verdicts)

    @property
    def status(self) -> int:
        """The exit status."""
        if self.failed:
            return status.USAGE
        return status.INTERRUPTED if self.interrupted else status.OF_VERDICT[self.verdict]

    def run(self) -> None:
        """Run it; what was done before an interrupt or a full disk is kept."""
        with Progress() as progress:

            def on_entry(entry: Entry, number: int) -> None:
                progress.begin(entry, f"{number}/{self._total} ")

            def on_result(result: Result) -> None:
                self.results.append(result)
                progress.done(_line(result, len(self.results), self._total))

            async def main(halt: Halt) -> None:
                try:
                    await soak(
                        self.plans,
                        self.orders,
                        halt,
                        on_entry=on_entry,
                        on_run=progress.show,
                        on_result=on_result,
                    )
                finally:
                    self.interrupted = halt.called.is_set()

            try:
                run_trio(main)
            except LogError as wrong:
                self.failed = str(wrong)

    def show(self, *, as_json: bool) -> None:
        """Print what came of it: the table, and the messages of what should not have been."""
        if as_json:
            print_json(self.as_row())
        else:
            self._print()
        if self.failed:
            complain(self.failed)
        if self.interrupted:
            done = len(self.results)
            note(f"emu: interrupted in entry {done} of {self._total}; what was done is kept")

    def as_row(self) -> dict[str, Any]:
        """The soak for programs."""
        return {
            "plans": [plan.name for plan in self.plans],
            "entries": [{"entry": result.entry.name, **result.as_row()} for result in self.results],
            "met": self.verdict.as_json,
            "interrupted": self.interrupted,
        }

    def _print(self) -> None:
        from emu.cli.table import print_table

        for result in self.results:
            if result.verdict is Verdict.NOT_MET:
                click.echo(f"{refutation(result)}\n")
        print_table(self.results)
        met = sum(result.verdict is Verdict.MET for result in self.results)
        click.echo(f"{met} of {self._total} expectations met")


def _read(paths: tuple[str, ...]) -> list[Plan]:
    """Every plan; raises `UsageError` with the mistakes of all of them."""
    plans: list[Plan] = []
    mistakes: list[str] = []
    for path in paths:
        try:
            plans.append(read_plan(path))
        except UsageError as wrong:
            mistakes.append(str(wrong))
    if mistakes:
        raise UsageError("\n".join(mistakes))
    return plans


def _line(result: Result, number: int, total: int) -> str:
    explored = result.exploration
    return (
        f"{number}/{total} {result.entry.name}: {outcomes(explored.outcomes)} "
        f"in {runs(explored.runs)}, {explored.seconds:.1f} s: {result.verdict.value}"
    )
