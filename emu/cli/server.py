"""Which service to ask, if any: what `--server` and EMU_SERVER say, and what verbs make of it.

Nothing heavy is imported before a service is asked.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import click
from click.core import ParameterSource

from emu.errors import InternalError, UsageError

if TYPE_CHECKING:
    from emu.service.client import Client

VERBS: Final = (
    *("soak", "explore", "status", "findings", "show", "replay", "shrink", "list", "report"),
    "stop",
)
"""The verbs that a service can be asked for."""

TAKERS: Final = ("run", "explore", "replay", "shrink", "diff", "show")
"""The verbs that take a finding by its address, and run it here."""

UNUSED: Final = "--token-file is for a service; name it by --server URL"

TOKEN: Final = "EMU_TOKEN"  # noqa: S105 - the variable's name


@dataclass(frozen=True)
class Server:
    """A service by its address, and where the token for it is.

    Where there is no file with it, it is in the environment, if it is this service's.
    """

    url: str
    token_file: str | None
    in_environment: bool = True

    @contextmanager
    def client(self) -> Iterator[Client]:
        """A client of it; raises `UsageError`, and ends the program if the service has failed."""
        from emu.cli import status
        from emu.cli.prompt import complain
        from emu.cli.tokenfile import token_from

        try:
            from emu.service.client import Client
        except ModuleNotFoundError as missing:
            if missing.name != "httpx2":
                raise
            raise UsageError(
                "--server needs httpx2, which is not installed: pip install 'emu[serve]'"
            ) from None
        token = "" if self.token_file is None else token_from(self.token_file)
        if not token and self.in_environment:
            token = os.environ.get(TOKEN, "").strip()
        try:
            with Client(self.url, token) as client:
                yield client
        except InternalError as wrong:
            complain(f"{self.url}: {wrong}")
            raise click.exceptions.Exit(status.INTERNAL) from None


def choose(ctx: click.Context, url: str | None, token_file: str | None) -> None:
    """Note which service is to be asked; raises `UsageError` for a verb that asks none.

    Where the environment names it, such a verb does its work here as ever.
    """
    verb = ctx.invoked_subcommand
    if token_file is not None and not url and verb not in TAKERS:
        raise UsageError(UNUSED)
    if not url:
        return
    if verb in VERBS:
        ctx.obj = Server(url, token_file)
    elif ctx.get_parameter_source("server") is ParameterSource.COMMANDLINE:
        raise UsageError(f"{verb} works here; with --server go {', '.join(VERBS)}")


def command_of(server: Server | None, *words: str) -> str:
    """A command that asks a service, or works here, as it is typed."""
    from emu.analysis.message import typed

    if server is None:
        return typed("emu", *words)
    return typed("emu", "--server", server.url, *_token(server), *words)


def _token(server: Server) -> tuple[str, ...]:
    return () if server.token_file is None else ("--token-file", server.token_file)


def replay_of(server: Server, campaign: str, number: int) -> str:
    """The command that replays a finding of a service here, as it is typed."""
    from emu.analysis.message import typed

    address = f"{server.url.rstrip('/')}/api/campaigns/{campaign}/findings/{number}"
    return typed("emu", *_token(server), "replay", address)


def asked(*here: str, target: str = "") -> Server | None:
    """The service that the verb at work is to ask; None: it is to do its work here.

    `here` names those of its parameters that say how that is done; `UsageError` is raised where
    one was typed for a service. `target` is what it works on: a finding's address means here.
    """
    ctx = click.get_current_context()
    root = ctx.find_root()
    server: Server | None = root.obj
    if is_address(target):
        if root.get_parameter_source("server") is ParameterSource.COMMANDLINE:
            raise UsageError(f"{target} is fetched, and worked on here; leave out --server")
        return None
    if server is None:
        if root.params.get("token_file") is not None and not root.params["server"]:
            raise UsageError(UNUSED)
        return None
    for param in ctx.command.params:
        typed = ctx.get_parameter_source(str(param.name)) is ParameterSource.COMMANDLINE
        if param.name in here and typed:
            raise UsageError(f"{param.opts[0]} is for work that is done here, not with --server")
    return server


def is_address(target: str) -> bool:
    """Whether what was typed is an address of the web."""
    return target.lower().startswith(("http://", "https://"))


def found_at(url: str) -> Server:
    """The service at `url`, of which a finding's address tells.

    The token in the environment is shown to the service that this names alone; where it names
    none, to this machine's.
    """
    from emu.service.settings import is_loopback

    params = click.get_current_context().find_root().params
    named = params["server"]
    own = named.rstrip("/") == url if named else is_loopback(urlsplit(url).hostname or "")
    return Server(url, params["token_file"], own)


def scenario(target: str) -> str:
    """TARGET as a service knows it: a scenario; raises `UsageError` for what is on this machine."""
    if "#" in target or os.sep in target or target.endswith((".json", ".jsonl", ".zst", ".toml")):
        raise UsageError(
            f"{target} is on this machine; allowed with --server is a scenario: a bundled one's "
            f"short name, or module:function"
        )
    return target
