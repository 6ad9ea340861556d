"""`emu logs`: what many runs have in common, asked of their logs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click

from emu.analysis.predict.prediction import Prediction, predict
from emu.analysis.predict.words import in_words
from emu.cli import options
from emu.cli.output import print_json
from emu.errors import LogError
from emu.record.finding import OK
from emu.record.logs import Logged, log_files, read_runs


class Reader:
    """The runs of some logs with some outcome, as often as they are wanted.

    `damage` has a sentence for each run that could not be read, once.
    """

    def __init__(self, paths: tuple[str, ...], outcome: str) -> None:
        self.files = log_files(paths)
        self.outcome = outcome
        self.damage: dict[str, None] = {}
        self.runs = 0
        self.others = 0

    def __call__(self) -> Iterator[Logged]:
        """One run after the other."""
        self.runs = self.others = 0
        for path in self.files:
            for run in read_runs(path):
                if isinstance(run, LogError):
                    self.damage[str(run)] = None
                elif run.history.outcome.name != self.outcome:
                    self.others += 1
                else:
                    self.runs += 1
                    yield run

    def in_words(self) -> str:
        """What was read, in a sentence."""
        left = [f"{self.others:,} with another outcome"] if self.others else []
        left += [f"{len(self.damage):,} damaged"] if self.damage else []
        passed = f"; {' and '.join(left)} left out" if left else ""
        return f"{self.runs:,} {'run' if self.runs == 1 else 'runs'} looked at{passed}"


@click.group("logs")
def command() -> None:
    """Ask the logs of many runs.

    PATH is a log, plain or compressed, or a directory with logs below it, such as a campaign's.
    """


@command.command("predict")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--outcome", default=OK, show_default=True, help="Look at the runs that ended so, alone."
)
@options.json
def predict_command(paths: tuple[str, ...], outcome: str, *, as_json: bool) -> None:
    """Name the deadlocks that these runs did not have, and that they show to be possible.

    What is certain has a schedule: another order of what a run did gets there. What is possible
    is kept off by no common lock, and by no beginning or end of a thread. Some need a signal
    at a moment at which none came.
    """
    reader = Reader(paths, outcome)
    found = predict(reader)
    for sentence in reader.damage:
        click.echo(f"emu: {sentence}", err=True)
    if as_json:
        print_json(
            {
                "runs": reader.runs,
                "other_outcomes": reader.others,
                "damaged": list(reader.damage),
                "predictions": [_row(one) for one in found],
            }
        )
        return
    for one in found:
        click.echo("\n".join(in_words(one)) + "\n")
    said = f"{len(found):,} {'deadlock' if len(found) == 1 else 'deadlocks'} predicted"
    click.echo(f"{said if found else 'no deadlock predicted'}; {reader.in_words()}")


def _row(one: Prediction) -> dict[str, Any]:
    return {
        "signature": one.signature,
        "grade": one.grade,
        "scenario": one.run.history.info.scenario,
        "params": one.run.history.info.params,
        "runs": one.runs,
        "of": one.of,
        "log": one.run.path,
        "line": one.run.line,
        "waits": [asdict(waits) for waits in one.waits],
    }
