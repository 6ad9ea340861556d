"""A finding by its address at a service, which verbs take where they take a finding's file.

What it takes to run it is fetched, and then it is run here. The address of the page that shows the
finding is as good as that of the API.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import click

from emu.cli.server import Server, found_at, is_address
from emu.errors import UsageError
from emu.record.store import StoredFinding, read_finding

FORM: Final = re.compile(
    r"((?i:https?)://[^#]+?)(?:/api|/?#)/campaigns/([^/]+)/findings/([1-9][0-9]{0,17})/?"
)


@dataclass(frozen=True)
class Address:
    """A finding of a service: where that is, the campaign's id, the finding's number."""

    url: str
    campaign: str
    number: int

    @property
    def server(self) -> Server:
        """The service, with the token for it."""
        return found_at(self.url)

    def fetch(self) -> StoredFinding:
        """The finding; a command that asks for it again gets the same. Raises `UsageError`."""
        known = click.get_current_context().meta
        name = f"{self.url}: {self.campaign}#{self.number}"
        if name not in known:
            with self.server.client() as client:
                known[name] = read_finding(client.stored(self.campaign, self.number), name)
        found: StoredFinding = known[name]
        return found


def address_of(text: str) -> Address | None:
    """The finding that `text` is the address of; None: it is no address at all.

    Raises `UsageError` for that of something else.
    """
    if not is_address(text):
        return None
    found = FORM.fullmatch(text)
    if found is None:
        raise UsageError(
            f"{text} is no finding's address; allowed is "
            f"http://HOST:PORT/api/campaigns/ID/findings/N"
        )
    return Address(found[1], found[2], int(found[3]))
