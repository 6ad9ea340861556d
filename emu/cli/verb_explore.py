"""`emu explore`: many runs of one scenario, each with another schedule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from emu.campaign.exploring import explore_entry
from emu.campaign.result import Result
from emu.campaign.shelf import save_findings
from emu.campaign.simplest import shrink_findings
from emu.cli import options, proof as proofs, status
from emu.cli.chaosfile import as_typed, chaos_text
from emu.cli.outcome import INTERRUPTED, show_found, timely
from emu.cli.progress import Progress
from emu.cli.prompt import complain
from emu.cli.proof import Proof
from emu.cli.server import asked, scenario
from emu.cli.target import Typed, aim
from emu.cli.words import finders, outcomes, runs as count
from emu.errors import LogError, UsageError
from emu.record.finding import VERDICTS, Verdict
from emu.record.store import new_run
from emu.search.edge import Halt, run_trio
from emu.search.explore import STOPS, Stop


@click.command("explore")
@options.target
@options.strategy
@options.budget
@options.seed
@click.option(
    "--until",
    type=click.Choice(list(STOPS)),
    help="Stop before the budget is spent: at the first finding, when the expectation is met "
    "or cannot be met any more, when new behaviours are rare, or not at all [default: met].",
)
@proofs.options
@click.option(
    "--shrink/--no-shrink",
    "shrinks",
    default=True,
    show_default=True,
    help="Shrink the findings that are printed, before they are.",
)
@options.setup
@options.out
@click.option(
    "--save/--no-save", "saves", default=True, show_default=True, help="Save what is found."
)
@options.json
def command(
    target: str,
    strategy: str | None,
    runs: int | None,
    seconds: float | None,
    lanes: int,
    seed: int | None,
    until: Stop | None,
    bound: int | None,
    params: Typed,
    chaos: str | None,
    watchdog: Typed,
    out: str,
    *,
    exhaustive: bool,
    reduces: bool,
    behaviours: bool,
    saturates: bool,
    shrinks: bool,
    saves: bool,
    as_json: bool,
) -> int:
    """Run TARGET many times; save what is found, and print it. With --server nothing is saved.

    Exit status: 0 the expectation is met, 1 it is not, 3 unknown (an exhaustive search whose
    budget ran out decides nothing but what it found), 130 interrupted.
    """
    proof = Proof(exhaustive, bound, reduces)
    stop = "saturated" if saturates else until
    server = asked("lanes", "out", *(["saves"] if saves else []), target=target)
    if server is not None:
        with server.client() as client:
            row = client.explore(
                scenario(target),
                params=dict(params),
                watchdog=dict(watchdog),
                chaos=chaos_text(chaos),
                strategy=proof.strategy(strategy),
                seed=seed,
                runs=runs,
                seconds=seconds,
                until=stop,
                bound=bound,
                reduction=reduces,
                behaviours=behaviours,
                shrink=shrinks,
            )
        return _tell(timely(as_typed(row, chaos)), as_json=as_json, here=False)
    aimed = aim(target, params, chaos, watchdog)
    entry = proof.apply(aimed.entry, strategy, seed)
    entry = replace(entry, until=stop or entry.until)
    if runs is not None or seconds is not None:
        entry = replace(entry, runs=runs, seconds=seconds)

    async def main(halt: Halt) -> Result:
        progress.begin(entry)
        explored = await explore_entry(
            entry,
            lanes=lanes,
            reduce=reduces,
            behaviours=behaviours,
            on_run=progress.show,
            halt=halt,
        )
        if explored.broken is not None and not explored.runs:
            raise explored.broken
        made = Result(entry, explored, aimed.arguments)
        if not shrinks:
            return made
        return await shrink_findings(made, on_trial=progress.shrinking, halt=halt)

    with Progress() as progress:
        result = run_trio(main)
    explored = result.exploration
    broken = explored.broken
    failed = ""
    try:
        result = _saved(result, out) if saves else result
    except LogError as wrong:
        failed = str(wrong)
    row = {
        **result.as_row(),
        "interrupted": explored.interrupted,
        "broken": str(broken) if broken else None,
        "summary": _summary(result),
    }
    made = _tell(row, failed, as_json=as_json)
    if broken is not None and not failed and not isinstance(broken, UsageError):
        return status.NOT_MET
    return made


def _tell(row: dict[str, Any], failed: str = "", *, as_json: bool, here: bool = True) -> int:
    """Print what came of it, and why not more did; gives the exit status."""
    show_found(row, as_json=as_json)
    for sentence in filter(None, (failed, row["broken"])):
        complain(sentence)
    if failed or row["broken"]:
        return status.USAGE
    if row["interrupted"] and here:
        return status.INTERRUPTED
    return status.OF_VERDICT[VERDICTS[row["met"]]]


def _saved(result: Result, out: str) -> Result:
    if not result.exploration.findings:
        return result
    return save_findings(result, new_run(result.entry.setup.scenario.name, out))


def _summary(result: Result) -> list[str]:
    """What is printed below the messages, a line each."""
    explored = result.exploration
    rate = explored.runs / explored.seconds if explored.seconds else 0.0
    pace = f"{explored.seconds:.1f} s, {rate:,.0f} runs/s"
    lines = [
        f"{result.entry.name}: {count(explored.runs)}, {pace}: {outcomes(explored.outcomes)}",
        f"expected {result.entry.expect}: {result.verdict.value}",
    ]
    if result.verdict is Verdict.UNKNOWN and explored.unknown:
        lines[-1] += f" ({explored.unknown})"
    elif explored.shortfall:
        lines[-1] += f" ({explored.shortfall})"
    if by := finders(explored):
        lines.insert(1, by)
    lines += proofs.sentences(explored)
    if explored.interrupted:
        lines.append(INTERRUPTED)
    return lines
