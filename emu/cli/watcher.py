"""`emu --server URL soak`: a campaign of a service, followed from here to its end."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emu.campaign.glance import overview_from
from emu.campaign.mistakes import TomlFile
from emu.cli import status
from emu.cli.events import Events
from emu.cli.monitor import Monitor
from emu.cli.outcome import show_campaign
from emu.cli.prompt import complain
from emu.cli.server import Server, command_of
from emu.cli.streams import note
from emu.errors import UsageError
from emu.record.finding import VERDICTS

if TYPE_CHECKING:
    from emu.service.client import Client

Row = dict[str, Any]

AT_MOST_EVERY = 1.0
"""Seconds between two pictures: a service has news about as often."""


def soak(
    server: Server,
    plans: tuple[str, ...],
    wish: Mapping[str, Any],
    *,
    resume: bool,
    events: bool,
    as_json: bool,
) -> int:
    """Begin, or go on with, a campaign; follow it, and print what came of it."""
    if len(plans) > 1:
        what = "a campaign" if resume else "a plan"
        raise UsageError(f"{len(plans)} names; with --server {what} is soaked by itself")
    with server.client() as client:
        begun = _resumed(client, plans[0]) if resume else _begun(client, plans[0], wish)
        watcher = Watcher(server, client, begun, events=events)
        try:
            row = watcher.follow()
        except KeyboardInterrupt:
            watcher.leave()
            return status.INTERRUPTED
        except UsageError as wrong:
            complain(str(wrong))
            watcher.lose()
            return status.USAGE
        if watcher.events.read and not events:
            show_campaign(row, as_json=as_json)
        return watcher.explain(row)


class Watcher:
    """Somebody who watches a campaign, `begun`, of a service."""

    def __init__(self, server: Server, client: Client, begun: Row, *, events: bool) -> None:
        self.name: str = begun["id"]
        self.events = Events(lambda: None)
        self._server = server
        self._client = client
        self._tells = events
        self._due = 0.0
        self._began = False
        self._plans = [begun["name"]]
        self._monitor = Monitor(self._look, begun["entries_total"], live=not events)

    def follow(self) -> Row:
        """Show how it gets on until it ends; gives what `soak --json` prints of it.

        Raises `BrokenPipeError` once nobody reads its events any more.
        """
        if not self._tells:
            note(f"emu: {self.name} at {self._server.url}")
        with self._monitor as monitor:
            self._due = time.monotonic() + monitor.pause
            row = self._client.follow(self.name, self._take)
        if self._tells:
            self.events("end", **row)
        self._go_on_if_read()
        return row

    def leave(self) -> None:
        """Say that it goes on, and how to look at it and how to end it."""
        look, stop = (command_of(self._server, verb, self.name) for verb in ("status", "stop"))
        note(f"emu: {self.name} goes on; look at it by `{look}`, end it by `{stop}`")

    def lose(self) -> None:
        """Say how to watch it again, once the service is there again."""
        again = command_of(self._server, "soak", "--resume", self.name)
        note(f"emu: what {self.name} has done is kept; watch it again by `{again}`")

    def explain(self, row: Row) -> int:
        """Say why it has ended early, if it has; gives the exit status."""
        seen = self._client.campaign(self.name)
        if seen["state"] == "failed":
            complain(f"{self.name}: {seen['why']}")
            return status.USAGE
        if seen["state"] in ("paused", "pausing"):
            resume = command_of(self._server, "soak", "--resume", self.name)
            note(f"emu: {self.name} was paused; go on with `{resume}`")
        elif row["interrupted"]:
            note(f"emu: {self.name} was stopped; what was done is kept")
        return status.INTERRUPTED if row["interrupted"] else status.OF_VERDICT[VERDICTS[row["met"]]]

    def _take(self, event: Row) -> None:
        """An event: it is told, or the picture is drawn anew if that is due."""
        told = {name: value for name, value in event.items() if name not in ("id", "event")}
        name = event["event"]
        if self._tells:
            self._tell(name, told)
        self._monitor.report(name, **told)
        now = time.monotonic()
        if not self._tells and now >= self._due:
            self._due = now + max(self._monitor.pause, AT_MOST_EVERY)
            self._show()

    def _show(self) -> None:
        from emu.service.answers import Unreachable

        with suppress(Unreachable):  # it may come back: the stream of events will say
            self._monitor.show()

    def _tell(self, name: str, told: Row) -> None:
        if name == "begin" and not self._began:
            self._began = True
            where = {"directory": self.name, "plans": self._plans}
            self.events(name, **{**where, **told, "process": None})
        elif name not in (
            "begin",
            "end",
            "paused",
        ):  # it may rest in between, which is nobody's concern
            self.events(name, **told)
        self._go_on_if_read()

    def _go_on_if_read(self) -> None:
        if not self.events.read:
            raise BrokenPipeError

    def _look(self) -> Any:
        return overview_from(self._client.status(self.name))


def _begun(client: Client, plan: str, wish: Mapping[str, Any]) -> Row:
    """A new campaign of a plan's file or, where there is no such file, of a shipped plan."""
    if not plan.endswith(".toml") and not Path(plan).exists():
        return client.create(shipped=plan, **wish)
    TomlFile(plan)  # says what cannot be read
    text = Path(plan).read_text(encoding="utf-8")
    return client.create(toml=text, called=plan, **wish)


def _resumed(client: Client, name: str) -> Row:
    row = client.campaign(name)
    if row["state"] not in ("waiting", "running", "done"):
        client.resume(name)
    return row
