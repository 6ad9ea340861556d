"""`emu logs import`: logs of real programs, made of what other tools saw of them."""

from __future__ import annotations

from typing import Final

import click

from emu.cli.verbs import Verbs

TOOLS: Final[dict[str, str]] = {
    "strace": "Read what strace -f -ttt wrote of a program.",
}
"""Each tool with its line in the help; its file is `import_NAME.py`."""


@click.command("import", cls=Verbs, table=TOOLS, home="emu.cli.logs.import_")
def command() -> None:
    """Make a log of what another tool saw of a real program.

    Every verb of `emu logs` reads it. It cannot be replayed.
    """
