"""`emu report`: a campaign, or what some runs have left, as one page for a browser."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any, Final

import click

from emu.analysis.report.page import MAGIC, page
from emu.campaign.dossier import dossier
from emu.campaign.elsewhere import lead_contents
from emu.campaign.logdossier import log_dossier
from emu.campaign.opening import campaign_at, is_campaign
from emu.campaign.survey import EVENTS
from emu.cli import options, words
from emu.cli.output import STDOUT, print_bytes, print_json
from emu.cli.progress import PLAIN
from emu.cli.server import Server, asked
from emu.cli.streams import note
from emu.errors import UsageError
from emu.record.store import write_file

Row = dict[str, Any]

_NUMBER: Final = re.compile("[0-9]{1,18}")


@click.command("report")
@click.argument("directory", metavar="DIR")
@click.option(
    "-o",
    "--out",
    "out",
    metavar="FILE",
    default="report.html",
    show_default=True,
    help="Where to write the page; one that is there is replaced; - is stdout.",
)
@click.option(
    "--events",
    type=click.IntRange(min=1),
    default=EVENTS,
    show_default=True,
    help="How many events of logs to read for what is said of locks.",
)
@click.option("--at", metavar="URL", hidden=True)
@options.json
def command(directory: str, out: str, events: int, at: str | None, *, as_json: bool) -> None:
    """Write a page that shows the campaign in DIR: one file, which needs no network.

    It has what ran and what was found, a timeline of each finding, outcomes and behaviours over
    the runs, how long locks were waited for and held, and their order. DIR is a campaign's
    directory, such as runs/smoke/0001, or runs/smoke for its latest; or any directory with
    logs or findings below it. With --server it is a campaign's id, or ID#NUMBER for one finding.
    """
    server = asked("events")
    if out == STDOUT and as_json:
        raise UsageError(f"-o {STDOUT} and --json both print on stdout; give one of them")
    target = Path(out)
    if out != STDOUT:
        _check_target(target)
    if server is not None:
        made, row = _fetched(server, directory)
    else:
        made, row = _made(directory, events, at)
    told = f"{words.many(row['findings'], 'finding')}, {len(made) / 1e6:.1f} MB"
    if out == STDOUT:
        print_bytes(made)
        note(f"emu: {told}, written to stdout")
        return
    write_file(target, made)
    if as_json:
        print_json({"directory": row.pop("directory"), "page": out, "bytes": len(made), **row})
    else:
        click.echo(f"{target}: {told}")


def _made(directory: str, events: int, at: str | None) -> tuple[bytes, Row]:
    """The page of a directory, and what is on it; `at` is a campaign's address at a service."""
    path = campaign_at(Path(directory))
    if not path.is_dir():
        raise UsageError(f"{path} is no directory; a report is of a directory with a campaign")
    make = dossier if is_campaign(path) else log_dossier
    contents = make(path, events=events, tell=_Clerk().tell)
    for sentence in contents.notices:
        note(f"emu: {sentence}")
    return page(lead_contents(contents, at) if at else contents), {
        "directory": str(path),
        "entries": len(contents.entries),
        "findings": len(contents.findings),
        "timelines": sum(one.scene is not None for one in contents.findings),
        "notices": list(contents.notices),
    }


def _fetched(server: Server, campaign: str) -> tuple[bytes, Row]:
    """The page of a service's campaign or finding, and what is known of it."""
    name, one, number = campaign.partition("#")
    if one and not _NUMBER.fullmatch(number):
        raise UsageError(f"{campaign!r} is no finding of a campaign; allowed is ID#NUMBER")
    with server.client() as client:
        if one:
            made = client.page(name, int(number))
            return made, {"directory": campaign, "entries": 1, "findings": 1}
        made = client.page(name, None)
        entries = client.campaign(name)["entries"]
        found = {row["signature"] for row in client.findings(name) if not row["trouble"]}
    return made, {"directory": campaign, "entries": len(entries), "findings": len(found)}


class _Clerk:
    """Says on stderr how it gets on, now and then."""

    def __init__(self) -> None:
        self._due = time.monotonic() + PLAIN

    def tell(self, sentence: str) -> None:
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + PLAIN
            note(f"emu: {sentence}")


def _check_target(target: Path) -> None:
    """Raise `UsageError` if the page cannot be written, before any work is done for it."""
    if target.is_dir():
        raise UsageError(f"{target} is a directory; allowed is the name of a file, as report.html")
    if not target.parent.is_dir():
        raise UsageError(f"there is no directory {target.parent} to write {target.name} to")
    if not os.access(target.parent, os.W_OK):
        raise UsageError(f"{target.parent} cannot be written to")
    try:
        with target.open("rb") as file:
            known = file.read(len(MAGIC)) == MAGIC.encode()
    except FileNotFoundError:
        return
    except OSError as wrong:
        raise UsageError(f"{target} cannot be read: {wrong.strerror or wrong}") from None
    if not known:
        raise UsageError(f"{target} is there already, and is no report; it is left as it is")
