"""`emu logs pack`: logs into Parquet."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from emu.analysis.tables.pack import pack
from emu.cli import options, words
from emu.cli.logs import output
from emu.cli.output import print_json


@click.command("pack")
@output.PATHS
@click.option("-o", "--out", required=True, metavar="DIR", help="The pack: a new directory.")
@options.json
def command(paths: tuple[str, ...], out: str, *, as_json: bool) -> None:
    """Pack logs into Parquet files, which every verb reads in their place.

    No event is lost. The logs stay where they are; they may be removed then.
    """
    packed = pack(paths, Path(out))
    output.tell(packed.damage)
    if as_json:
        print_json({**asdict(packed), "directory": str(packed.directory)})
        return
    times = packed.bytes_before / packed.bytes_after
    factor = f"{times:.3g} times smaller" if times >= 1 else f"{1 / times:.3g} times larger"
    click.echo(
        f"{packed.directory}: {packed.events:,} events of {words.runs(packed.runs)} in "
        f"{words.many(packed.logs, 'log')}; {words.size(packed.bytes_after)}, {factor}"
    )
