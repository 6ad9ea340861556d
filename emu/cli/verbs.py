"""A group of verbs: a table of their lines in the help; each verb's file is imported at a call."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from emu.errors import did_you_mean


class Verbs(click.Group):
    """The verbs of `table`, each with its line in the help.

    The verb NAME is the `command` in the module `home` + NAME.
    """

    def __init__(self, *args: Any, table: dict[str, str], home: str, **extra: Any) -> None:
        super().__init__(*args, **extra)
        self.table = table
        self.home = home

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.table:
            return None
        command: click.Command = import_module(f"{self.home}{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self.table and not name.startswith("-"):
            hint = did_you_mean(name, self.table)
            known = ", ".join(self.table)
            raise click.UsageError(f"unknown command {name!r}; known are {known}{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self.table.items()))
