"""`emu logs predict`: the deadlocks and the lost wake-ups that did not happen yet."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

import click

from emu.analysis.predict.prediction import Foresight, Prediction, foresee
from emu.analysis.predict.telling import telling
from emu.analysis.predict.wakeups import Wakeup
from emu.analysis.predict.wakewords import wakeup_in_words
from emu.analysis.predict.words import in_words
from emu.cli import words
from emu.cli.logs import output, reading
from emu.cli.output import print_json

COLUMNS: Final = ("signature", "kind", "grade", "scenario", "runs", "of", "log", "line")
"""The columns of --csv."""


@click.command("predict")
@output.PATHS
@reading.outcomes
@output.formats
def command(
    paths: tuple[str, ...], outcomes: tuple[str, ...], *, as_json: bool, as_csv: bool
) -> None:
    """Name the deadlocks and lost wake-ups that these runs show to be possible.

    What is certain has a schedule: another order of what a run did gets there. What is possible
    is kept off by no common lock, and by no beginning or end of a thread. Some need a signal
    at a moment at which none came. A wake-up may be lost where the news of a condition can come
    before the wait, and nothing that the waiter looks at tells it so.
    """
    output.one_format(as_json=as_json, as_csv=as_csv)
    reader = reading.Reader(paths, outcomes, whole=True)
    found = foresee(reader)
    output.tell(reader.damage)
    if as_json:
        print_json(
            {
                "runs": reader.runs,
                "other_outcomes": reader.others,
                "logged_in_part": reader.parts,
                "damaged": reader.damage,
                "predictions": [row(one) for one in found.all],
            }
        )
        return
    if as_csv:
        rows = map(row, found.all)
        output.print_csv(COLUMNS, [[one[name] for name in COLUMNS] for one in rows])
        return
    by = telling(one.run.history.info for one in found.all)
    for one in found.deadlocks:
        click.echo("\n".join(in_words(one, by)) + "\n")
    for wakeup in found.wakeups:
        click.echo("\n".join(wakeup_in_words(wakeup, by)) + "\n")
    click.echo(f"{_counted(found)}; {reader.in_words()}")


def _counted(found: Foresight) -> str:
    deadlocks, wakeups = len(found.deadlocks), len(found.wakeups)
    parts = [words.many(deadlocks, "deadlock")] if deadlocks else []
    parts += [words.many(wakeups, "wake-up")] if wakeups else []
    return f"{' and '.join(parts) or 'no deadlock'} predicted"


def row(one: Prediction | Wakeup) -> dict[str, Any]:
    """A prediction as programs read it."""
    common = {
        "signature": one.signature,
        "kind": "deadlock" if isinstance(one, Prediction) else one.kind,
        "grade": one.grade,
        "scenario": one.run.history.info.scenario,
        "params": one.run.history.info.params,
        "runs": one.runs,
        "of": one.of,
        "log": one.run.path,
        "line": one.run.line,
    }
    if isinstance(one, Prediction):
        return {**common, "waits": [asdict(waits) for waits in one.waits]}
    return common | {
        "condition": one.condition,
        "mutex": one.mutex,
        "waiter": one.waiter,
        "giver": one.giver,
        "cell": one.cell or None,
        "enters": asdict(one.enters),
        "looks": None if one.looks is None else asdict(one.looks),
        "waits": asdict(one.waits),
        "changes": None if one.changes is None else asdict(one.changes),
        "gives": asdict(one.gives),
    }
