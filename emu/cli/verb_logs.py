"""`emu logs`: what many runs have in common, asked of their logs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from emu.analysis.message import WayBack, message
from emu.analysis.predict.prediction import Prediction, predict
from emu.analysis.predict.words import in_words
from emu.campaign.recorded import setup_from
from emu.cli import options, status, words
from emu.cli.output import print_json
from emu.cli.streams import note
from emu.cli.target import import_from_here
from emu.engine.carrier import open_carriers
from emu.errors import EmuError, LogError
from emu.record.finding import OK
from emu.record.log import write_history
from emu.record.logs import Logged, log_files, read_runs
from emu.record.store import HISTORY, StoredFinding, load_finding, new_run, save_finding
from emu.search.confirm import DIRECTED, RUNS, Confirmation, confirm
from emu.search.edge import Halt, run_trio


class Reader:
    """The runs of some logs with some outcomes, as often as they are wanted.

    `damage` has a sentence for each run that could not be read, once.
    """

    def __init__(self, paths: tuple[str, ...], outcomes: tuple[str, ...]) -> None:
        self.files = log_files(paths)
        self.outcomes = outcomes
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
                elif run.history.outcome.name not in self.outcomes:
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


_outcomes = click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    default=[OK],
    show_default=True,
    help="Look at the runs that ended so, alone; may be given again.",
)


@click.group("logs")
def command() -> None:
    """Ask the logs of many runs.

    PATH is a log, plain or compressed, or a directory with logs below it, such as a campaign's.
    """


@command.command("predict")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@_outcomes
@options.json
def predict_command(paths: tuple[str, ...], outcomes: tuple[str, ...], *, as_json: bool) -> None:
    """Name the deadlocks that these runs did not have, and that they show to be possible.

    What is certain has a schedule: another order of what a run did gets there. What is possible
    is kept off by no common lock, and by no beginning or end of a thread. Some need a signal
    at a moment at which none came.
    """
    reader = Reader(paths, outcomes)
    found = predict(reader)
    for sentence in reader.damage:
        note(f"emu: {sentence}")
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


@command.command("confirm")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@_outcomes
@click.option(
    "--runs",
    type=click.IntRange(min=1),
    default=RUNS,
    show_default=True,
    help="How many runs to spend on one that has no schedule.",
)
@options.seed
@options.out
@options.json
def confirm_command(
    paths: tuple[str, ...],
    outcomes: tuple[str, ...],
    runs: int,
    seed: int | None,
    out: str,
    *,
    as_json: bool,
) -> int:
    """Make the deadlocks happen that `predict` names.

    What is certain takes one run. The others are steered to: threads are held where they would
    wait for each other, and signals sent while a lock is held. One that happens is a finding,
    saved below --out; one that does not stays a prediction.
    """
    import_from_here()
    reader = Reader(paths, outcomes)
    found = predict(reader)
    for sentence in reader.damage:
        note(f"emu: {sentence}")

    async def main(halt: Halt) -> tuple[list[Confirmation | EmuError], bool]:
        made: list[Confirmation | EmuError] = []
        async with open_carriers() as carriers:
            for one in found:
                if halt.requested:
                    break
                info = one.run.history.info
                try:
                    setup = setup_from(info.scenario, info.params, info.chaos, info.watchdog)
                    confirmed = await confirm(
                        setup, one, runs=runs, seed=seed or 0, carriers=carriers, halt=halt
                    )
                    made.append(confirmed)
                except EmuError as wrong:
                    made.append(wrong)
        return made, halt.requested

    done, interrupted = run_trio(main)
    rows = []
    for prediction, confirmed in zip(found, done, strict=False):
        row = _row(prediction) | {"confirmed": False, "tape": None, "saved": None}
        if isinstance(confirmed, EmuError):
            text = f"unconfirmed: it cannot be run: {confirmed}"
        elif confirmed.history is None or confirmed.finding is None:
            text = f"unconfirmed: it did not happen in {words.runs(confirmed.runs)}"
        else:
            tape, directory = str(confirmed.history.tape), _saved(confirmed, Path(out))
            row |= {"confirmed": True, "tape": tape, "saved": str(directory)}
            text = f"confirmed in {words.runs(confirmed.runs)}\n\n"
            text += load_finding(directory).message
        rows.append(row)
        if not as_json:
            click.echo(f"{prediction.signature}\n  {prediction.grade}, {text}\n")
    happened = sum(bool(row["confirmed"]) for row in rows)
    if as_json:
        print_json({"runs": reader.runs, "damaged": list(reader.damage), "predictions": rows})
    else:
        click.echo(f"{happened:,} of {len(rows):,} predicted happened; {reader.in_words()}")
    return status.INTERRUPTED if interrupted else status.MET


def _saved(confirmed: Confirmation, root: Path) -> Path:
    """The new directory that has the finding and its log."""
    history, finding = confirmed.history, confirmed.finding
    assert history is not None
    assert finding is not None
    directory = new_run(history.info.scenario.rpartition(":")[2], root)
    log = directory / HISTORY
    write_history(history, log)
    way = WayBack(target=str(log), run=confirmed.runs, strategy=DIRECTED, log=str(log))
    stored = StoredFinding.of(
        history,
        finding,
        message(history, finding, way),
        original=str(history.tape),
        seed=history.info.seed,
        strategy=DIRECTED,
        first_run=confirmed.runs,
        log=HISTORY,
    )
    save_finding(stored, directory)
    return directory


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
