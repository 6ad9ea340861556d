"""Which service to ask, if any: what `--server` and EMU_SERVER say, and what verbs make of it.

Nothing heavy is imported before a service is asked.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click
from click.core import ParameterSource

from emu.errors import InternalError, UsageError

if TYPE_CHECKING:
    from emu.service.client import Client

VERBS: Final = ("soak", "explore", "status", "findings", "show", "replay", "shrink", "stop")
"""The verbs that a service can be asked for."""

TOKEN: Final = "EMU_TOKEN"  # noqa: S105 - the variable's name


@dataclass(frozen=True)
class Server:
    """A service by its address, and where the token for it is."""

    url: str
    token_file: str | None

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
        file = self.token_file
        token = os.environ.get(TOKEN, "").strip() if file is None else token_from(file)
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
    if token_file is not None and not url:
        raise UsageError("--token-file is for a service; name it by --server URL")
    verb = ctx.invoked_subcommand
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
    token = () if server.token_file is None else ("--token-file", server.token_file)
    return typed("emu", "--server", server.url, *token, *words)


def asked(*here: str) -> Server | None:
    """The service that the verb at work is to ask; None: it is to do its work here.

    `here` names those of its parameters that say how that is done; `UsageError` is raised where
    one was typed for a service.
    """
    ctx = click.get_current_context()
    server: Server | None = ctx.find_root().obj
    if server is None:
        return None
    for param in ctx.command.params:
        typed = ctx.get_parameter_source(str(param.name)) is ParameterSource.COMMANDLINE
        if param.name in here and typed:
            raise UsageError(f"{param.opts[0]} is for work that is done here, not with --server")
    return server


def scenario(target: str) -> str:
    """TARGET as a service knows it: a scenario; raises `UsageError` for what is on this machine."""
    if "#" in target or os.sep in target or target.endswith((".json", ".jsonl", ".zst", ".toml")):
        raise UsageError(
            f"{target} is on this machine; allowed with --server is a scenario: a bundled one's "
            f"short name, or module:function"
        )
    return target
