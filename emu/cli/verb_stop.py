"""`emu stop`: end a campaign of a service."""

from __future__ import annotations

import click

from emu.cli.server import asked
from emu.cli.streams import note
from emu.errors import UsageError


@click.command("stop")
@click.argument("campaign", metavar="ID")
@click.option("--pause", "pauses", is_flag=True, help="It can go on: soak --resume ID.")
def command(campaign: str, *, pauses: bool) -> None:
    """End the campaign ID of a service, for good; what it has found is kept.

    It needs --server; a campaign that is at work here ends by Ctrl-C.
    """
    server = asked()
    if server is None:
        raise UsageError("stop is for a campaign of a service: emu --server URL stop ID")
    with server.client() as client:
        row = client.pause(campaign) if pauses else client.stop(campaign)
    note(f"emu: {campaign} is {row['state']}")
