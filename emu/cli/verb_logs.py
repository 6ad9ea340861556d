"""`emu logs`: what many runs have in common, asked of their logs."""

from __future__ import annotations

from typing import Final

import click

from emu.cli.verbs import Verbs

VERBS: Final[dict[str, str]] = {
    "predict": "Name the deadlocks that these runs show to be possible.",
    "confirm": "Make the deadlocks happen that predict names.",
}
"""Each verb with its line in the help; its file is `logs/NAME.py`."""


@click.command("logs", cls=Verbs, table=VERBS, home="emu.cli.logs.")
def command() -> None:
    """Ask the logs of many runs.

    PATH is a log, plain or compressed, or a directory with logs below it, such as a campaign's.
    """
