"""`emu logs`: what many runs have in common, asked of their logs."""

from __future__ import annotations

from typing import Final

import click

from emu.cli.verbs import Verbs

VERBS: Final[dict[str, str]] = {
    "summary": "Count programs, runs, outcomes, events, signals and injections.",
    "locks": "Show how often each lock was had, waited for and held, and how long.",
    "signals": "Show what became of signals, how long it took, and where.",
    "threads": "Show how threads spend their time, and who blocks whom.",
    "order": "Show which lock is asked for while which is held, and what circles that makes.",
    "predict": "Name the deadlocks and lost wake-ups that these runs show to be possible.",
    "confirm": "Make happen what predict names.",
    "timeline": "Draw a run in columns, a thread each.",
    "diff": "Show where two logged runs part, and where they meet again.",
    "trace": "Write runs as a trace for Perfetto or chrome://tracing.",
    "query": "Ask the events and the runs in SQL.",
    "schema": "Show the tables and columns that query has.",
    "pack": "Pack logs into Parquet: smaller, and far faster to ask.",
    "import": "Make a log of what another tool saw of a real program.",
}
"""Each verb with its line in the help; its file is `logs/NAME.py`."""


@click.command("logs", cls=Verbs, table=VERBS, home="emu.cli.logs.")
def command() -> None:
    """Ask the logs of many runs.

    PATH is a log, plain or compressed, a directory with logs below it, a pattern of such paths,
    or a pack. Of a campaign the logs of its runs are meant, and if it kept none those of its
    findings.
    """
