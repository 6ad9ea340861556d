"""`emu show`: the message of a finding, from what was saved of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from emu.analysis.message import WayBack, message
from emu.cli import options
from emu.cli.output import print_json
from emu.errors import UsageError
from emu.record.history import History
from emu.record.reading import read_history
from emu.record.store import load_finding
from emu.search.exploration import findings_of

TITLE = "emu.Falsified: "


@click.command("show")
@click.argument("finding", metavar="FINDING")
@options.json
def command(finding: str, *, as_json: bool) -> None:
    """Print the message of FINDING: a log, a finding, or a directory with some in it."""
    path = Path(finding)
    if path.is_dir():
        paths = sorted(path.rglob("finding*.json"))
        paths = paths or sorted(path.rglob("history*.jsonl"))
        if not paths:
            raise UsageError(f"{finding} has no finding in it, and no log")
    else:
        paths = [path]
    texts = [text for one in paths for text in _messages(one)]
    if as_json:
        print_json({"messages": texts})
    else:
        click.echo("\n\n".join(texts))


def _messages(path: Path) -> Iterator[str]:
    if path.suffix == ".json":
        yield f"{TITLE}{load_finding(path).message}"
        return
    history = read_history(path)
    way = WayBack(target=str(path), log=str(path))
    found = findings_of(history)
    for one in found:
        yield f"{TITLE}{message(history, one, way)}"
    if not found:
        yield _nothing(history, way)


def _nothing(history: History, way: WayBack) -> str:
    return message(history, None, way)
