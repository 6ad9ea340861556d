"""`emu soak`: a campaign over the entries of plans, and a table of what came of them."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click
import trio

from emu.campaign.campaign import FIRST, Campaign
from emu.campaign.crier import Report
from emu.campaign.ledger import Ledger
from emu.campaign.opening import Orders, begin, campaign_at, go_on, is_campaign, latest, plans_of
from emu.campaign.overview import Overview, overview
from emu.campaign.plan import Plan, read_plan
from emu.campaign.summary import campaign_row
from emu.campaign.terms import TERMS, Terms, bytes_from, seconds_from
from emu.cli import options, status
from emu.cli.events import FIELDS, Events
from emu.cli.monitor import Monitor
from emu.cli.outcome import show_campaign
from emu.cli.prompt import complain
from emu.cli.server import asked
from emu.cli.streams import note
from emu.cli.target import import_from_here
from emu.cli.watcher import soak as watch
from emu.cli.workforce import Workforce, whole_number, workforce
from emu.errors import UsageError
from emu.record.finding import Verdict
from emu.search.edge import Halt, run_trio
from emu.search.explore import STOPS, Stop

STOPPING: Final = "stopping; Ctrl-C once more ends it at once"

EPILOG: Final = (
    "\b\nWith --events, each line is an object with `event`, `time`, `plan`, `entry`, and:\n"
    + "\n".join(f"  {name:<9}{fields}" for name, fields in FIELDS.items())
    + "\nThe first is `begin`, the last `end`. Runs count from 1, times are seconds since 1970."
)
"""What --help says of events."""


@click.command("soak", epilog=EPILOG)
@click.argument("plans", nargs=-1, required=True, metavar="PLAN...")
@options.budget
@click.option("--until", type=click.Choice(list(STOPS)), help="When each entry ends early.")
@click.option(
    "--for",
    "duration",
    metavar="TIME",
    help="Run all entries, fairly and whatever their budgets, for so long: 90, 30min, 8h.",
)
@click.option("--forever", is_flag=True, help="The same, until Ctrl-C.")
@click.option(
    "--total-runs",
    type=click.IntRange(min=1),
    help="The same, for so many runs, shared out evenly.",
)
@click.option("--first", is_flag=True, help="Stop everything at the first finding.")
@options.seed
@click.option("--workers", metavar="N", help="How many processes [default: one per core].")
@click.option("--memory", metavar="SIZE", help="How much memory each may take, such as 2GB.")
@click.option(
    "--on", metavar="dask://HOST:PORT", help="Have the work done by a Dask cluster, not here."
)
@click.option(
    "--logs",
    type=click.Choice(options.LEVELS),
    help="Keep logs of every run (all, locks), of every finding one, or none.",
)
@click.option("--log-cap", metavar="SIZE", help="How much room the logs of runs may take.")
@click.option("--resume", is_flag=True, help="Go on with a campaign: a directory, or the latest.")
@options.out
@click.option("--events", is_flag=True, help="Print JSON lines as things happen; see below.")
@options.json
def command(
    plans: tuple[str, ...],
    runs: int | None,
    seconds: float | None,
    lanes: int,
    until: Stop | None,
    duration: str | None,
    total_runs: int | None,
    seed: int | None,
    workers: str | None,
    memory: str | None,
    on: str | None,
    logs: Any,
    log_cap: str | None,
    out: str,
    *,
    forever: bool,
    first: bool,
    resume: bool,
    events: bool,
    as_json: bool,
) -> int:
    """Run every entry of each PLAN, a TOML file; --runs and --seconds are for each entry.

    With --resume, PLAN may be the directory of a campaign. With --server, it is one file, or the
    name of a plan that the service has; with --resume, the id of a campaign. Ctrl-C then ends the
    watching alone.

    Exit status: 0 every expectation is met, 1 one is not, 3 one is unknown, 130 interrupted.
    """
    import_from_here()
    if events and as_json:
        raise UsageError("--events ends with what --json prints; give one of them")
    if forever and any(one is not None for one in (runs, seconds, duration, total_runs)):
        raise UsageError(
            "--forever has no other end than Ctrl-C; leave it out, or --runs, --seconds, --for "
            "and --total-runs"
        )
    server = asked("lanes", "on", "log_cap", "out")
    if server is not None:
        wish = {
            "runs": runs,
            "seconds": seconds,
            "seed": seed,
            "until": until,
            "total_runs": total_runs,
            "duration": None if duration is None else _number(duration),
            "forever": forever or None,
            "first": first or None,
            "workers": None if workers is None else whole_number(workers),
            "memory": memory,
            "logs": logs,
        }
        if resume and any(one is not None for one in wish.values()):
            raise UsageError("--resume goes on with what the campaign of the service began with")
        return watch(server, plans, wish, resume=resume, events=events, as_json=as_json)
    endless = forever or duration is not None or total_runs is not None
    limits = Orders(runs, seconds, seed, until, endless)
    changes: dict[str, Any] = {
        "runs": total_runs,
        "seconds": None if duration is None else seconds_from(_number(duration), "--for"),
        "until": "finding" if first else None,
        "level": logs,
        "cap": None if log_cap is None else bytes_from(log_cap, "--log-cap"),
    }
    with workforce(on, workers, memory) as force:
        if resume:
            _refuse(limits, changes)
            ledger, terms = go_on(_directory(plans, Path(out)), note)
        else:
            read = _read(plans)
            terms = _terms(read, changes)
            ledger = begin(read, limits, terms, Path(out), time.time())
        with closing(ledger):
            made = Soak(ledger, terms, force, lanes)
            try:
                made.run(events=events)
                if not events:
                    show_campaign(made.as_row(), as_json=as_json)
            except KeyboardInterrupt:
                made.interrupted = True
                raise
            finally:
                made.explain()
    if made.unread:
        raise BrokenPipeError
    return made.status


class Soak:
    """One sitting of a campaign at the prompt."""

    def __init__(self, ledger: Ledger, terms: Terms, force: Workforce, lanes: int) -> None:
        self.ledger = ledger
        self.terms = terms
        self.force = force
        self.lanes = lanes
        self.interrupted = False
        self.failure = ""
        self.first = False
        self.verdict = Verdict.UNKNOWN
        self.unread = False

    @property
    def status(self) -> int:
        """The exit status."""
        if self.failure:
            return status.USAGE
        return status.INTERRUPTED if self.interrupted else status.OF_VERDICT[self.verdict]

    def run(self, *, events: bool = False) -> None:
        """Work until it ends, one way or another; `events` are told as they happen."""

        async def main(halt: Halt) -> None:
            listeners: list[Report] = []

            def report(event: str, /, **fields: Any) -> None:
                for listener in listeners:
                    listener(event, **fields)

            campaign = Campaign(self.ledger, self.terms, halt, clock=time.time, report=report)
            campaign.lanes = self.lanes
            told = Events(halt.call)
            if events:
                listeners.append(told)
                report("begin", **self._beginning())
            try:
                with self._monitor(campaign, halt, live=not events) as monitor:
                    listeners.append(monitor.report)
                    await self._work(campaign, monitor)
            finally:
                self.interrupted = campaign.interrupted
                self.failure = campaign.failure
                self.first = campaign.ended == FIRST
                self.verdict = campaign.verdict
            if events:
                told("end", **self.as_row())
                self.unread = not told.read

        run_trio(main)

    def _monitor(self, campaign: Campaign, halt: Halt, *, live: bool) -> Monitor:
        def look() -> Overview:
            return overview(
                campaign.ledger,
                campaign.accounts,
                campaign.pulse,
                seconds=campaign.seconds,
                now=time.time(),
                who=str(os.getpid()),
            )

        def stopping() -> str:
            return STOPPING if halt.requested else ""

        return Monitor(look, len(campaign.accounts), stopping, live=live)

    async def _work(self, campaign: Campaign, monitor: Monitor) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(monitor.run)
            await self.force.work(campaign)
            nursery.cancel_scope.cancel()

    def as_row(self) -> dict[str, Any]:
        """What came of it, for programs."""
        return campaign_row(self.ledger, interrupted=self.interrupted)

    def explain(self) -> None:
        """Say why it ended early, if it did, and how to go on with it."""
        if self.failure:
            complain(self.failure)
        why = "it ended at the first finding" if self.first else "what was done is kept"
        if self.first or self.interrupted or self.failure:
            directory = self.ledger.directory
            note(f"emu: {why}; go on with `emu soak --resume {directory}`")

    def _beginning(self) -> dict[str, Any]:
        return {
            "directory": str(self.ledger.directory),
            "plans": [name for name, _ in plans_of(self.ledger.facts())],
            "entries": len(self.ledger.accounts()),
            "workers": self.force.workers,
            "process": os.getpid(),
        }


def _read(paths: tuple[str, ...]) -> list[Plan]:
    """Every plan; raises `UsageError` with the mistakes of all of them."""
    plans: list[Plan] = []
    mistakes: list[str] = []
    for path in paths:
        if is_campaign(Path(path)):
            mistakes.append(f"{path} is a campaign; go on with it by `emu soak --resume {path}`")
            continue
        try:
            plans.append(read_plan(path))
        except UsageError as wrong:
            mistakes.append(str(wrong))
    if mistakes:
        raise UsageError("\n".join(mistakes))
    for at, plan in enumerate(plans):
        for other in plans[:at]:
            if other.name == plan.name:
                raise UsageError(
                    f"{other.path} and {plan.path} are both named {plan.name!r}; give each plan "
                    f"of a campaign a name of its own"
                )
    return plans


def _directory(paths: tuple[str, ...], root: Path) -> Path:
    """Which campaign to go on with: the one named, or the latest of the plans named."""
    if len(paths) == 1 and Path(paths[0]).is_dir():
        return campaign_at(Path(paths[0]))
    return latest(_read(paths), root)


def _refuse(orders: Orders, changes: Mapping[str, Any]) -> None:
    """A campaign goes on with what it began with."""
    if orders != Orders() or any(change is not None for change in changes.values()):
        raise UsageError(
            "--resume goes on with the budgets, the seed and the logs that the campaign began "
            "with; allowed beside it are --workers, --memory, --on, --lanes, --out, --events "
            "and --json"
        )


def _terms(plans: Sequence[Plan], changes: Mapping[str, Any]) -> Terms:
    """The terms that the plans say, changed; raises `UsageError` where plans disagree."""
    said = [plan for plan in plans if plan.terms != TERMS]
    for plan in said[1:]:
        if plan.terms != said[0].terms:
            raise UsageError(
                f"{said[0].path} and {plan.path} disagree in [campaign]; soak them one by one"
            )
    terms = said[0].terms if said else TERMS
    return replace(terms, **{name: one for name, one in changes.items() if one is not None})


def _number(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text
