"""`emu logs predict`: the deadlocks that did not happen yet."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from emu.analysis.predict.prediction import Prediction, predict
from emu.analysis.predict.words import in_words
from emu.cli import options
from emu.cli.logs import reading
from emu.cli.output import print_json
from emu.cli.streams import note


@click.command("predict")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@reading.outcomes
@options.json
def command(paths: tuple[str, ...], outcomes: tuple[str, ...], *, as_json: bool) -> None:
    """Name the deadlocks that these runs did not have, and that they show to be possible.

    What is certain has a schedule: another order of what a run did gets there. What is possible
    is kept off by no common lock, and by no beginning or end of a thread. Some need a signal
    at a moment at which none came.
    """
    reader = reading.Reader(paths, outcomes)
    found = predict(reader)
    for sentence in reader.damage:
        note(f"emu: {sentence}")
    if as_json:
        print_json(
            {
                "runs": reader.runs,
                "other_outcomes": reader.others,
                "damaged": list(reader.damage),
                "predictions": [row(one) for one in found],
            }
        )
        return
    for one in found:
        click.echo("\n".join(in_words(one)) + "\n")
    said = f"{len(found):,} {'deadlock' if len(found) == 1 else 'deadlocks'} predicted"
    click.echo(f"{said if found else 'no deadlock predicted'}; {reader.in_words()}")


def row(one: Prediction) -> dict[str, Any]:
    """A prediction as programs read it."""
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
