"""`emu logs confirm`: makes predicted deadlocks happen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from emu.analysis.message import WayBack, message
from emu.analysis.predict.prediction import Prediction, foresee
from emu.analysis.predict.telling import telling, told
from emu.analysis.predict.wakeups import Wakeup
from emu.campaign.confirming import setup_for
from emu.cli import options, status, words
from emu.cli.logs import output, reading
from emu.cli.logs.predict import row as row_of
from emu.cli.output import print_json
from emu.cli.streams import note
from emu.cli.target import import_from_here
from emu.engine.carrier import open_carriers
from emu.errors import EmuError
from emu.record.log import write_history
from emu.record.store import HISTORY, StoredFinding, load_finding, new_run, save_finding
from emu.search.confirm import DIRECTED, RUNS, Confirmation, confirm
from emu.search.edge import Halt, run_trio


@click.command("confirm")
@output.PATHS
@reading.outcomes
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
def command(
    paths: tuple[str, ...],
    outcomes: tuple[str, ...],
    runs: int,
    seed: int | None,
    out: str,
    *,
    as_json: bool,
) -> int:
    """Make the deadlocks and lost wake-ups happen that `predict` names.

    What is certain takes one run. The others are steered to: threads are held where they would
    wait for each other, waiters until the news is over, and the signals that it takes are sent
    to the threads that do not block them, whatever the chaos of the run was. One that happens is
    a finding, saved below --out; one that does not stays a prediction.
    """
    import_from_here()
    reader = reading.Reader(paths, outcomes, whole=True)
    found = foresee(reader).all
    output.tell(reader.damage)
    by = telling(one.run.history.info for one in found)
    rows: list[dict[str, Any]] = []

    def done(prediction: Prediction | Wakeup, came: Confirmation | EmuError) -> None:
        """Keep and tell what came of a prediction, at once."""
        text, kept = _came_of(came, Path(out))
        rows.append(row_of(prediction) | kept)
        if not as_json:
            program = told(prediction.run.history.info, by)
            click.echo(f"{prediction.signature}{program}\n  {prediction.grade}, {text}\n")

    async def main(halt: Halt) -> bool:
        async with open_carriers() as carriers:
            for one in found:
                if halt.requested:
                    break
                came: Confirmation | EmuError
                try:
                    setup = setup_for(one)
                    came = await confirm(
                        setup, one, runs=runs, seed=seed or 0, carriers=carriers, halt=halt
                    )
                except EmuError as wrong:
                    came = wrong
                done(one, came)
        return halt.requested

    interrupted = run_trio(main)
    if as_json:
        print_json({"runs": reader.runs, "damaged": reader.damage, "predictions": rows})
    else:
        happened = sum(bool(row["confirmed"]) for row in rows)
        click.echo(f"{happened:,} of {len(rows):,} predicted happened; {reader.in_words()}")
    if len(rows) < len(found):
        note(f"emu: interrupted: {len(found) - len(rows):,} more that are predicted were not tried")
    return status.INTERRUPTED if interrupted else status.MET


def _came_of(came: Confirmation | EmuError, root: Path) -> tuple[str, dict[str, Any]]:
    """What came of a prediction, in words and as programs read it; a finding is saved."""
    kept: dict[str, Any] = {"confirmed": False, "tape": None, "saved": None}
    if isinstance(came, EmuError):
        return f"unconfirmed: it cannot be run: {came}", kept
    if not came.runs:
        return "unconfirmed: no run shows it by itself", kept
    if came.history is None or came.finding is None:
        return f"unconfirmed: it did not happen in {words.runs(came.runs)}", kept
    directory = _saved(came, root)
    kept = {"confirmed": True, "tape": str(came.history.tape), "saved": str(directory)}
    return f"confirmed in {words.runs(came.runs)}\n\n{load_finding(directory).message}", kept


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
