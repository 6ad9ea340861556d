"""`emu list`: the scenarios that there are, with parameters and expectations."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import click

from emu.campaign.catalogue import bundled, scenario_row, scenarios_of
from emu.cli import options
from emu.cli.output import print_json
from emu.cli.server import Server, asked, command_of
from emu.cli.target import import_from_here
from emu.cli.words import plain
from emu.engine.scenario import Scenario
from emu.errors import UsageError
from emu.record.finding import Expectation

WIDTH = 100

Row = dict[str, Any]


@click.command("list")
@click.argument("modules", nargs=-1, metavar="[MODULE]...")
@options.json
def command(modules: tuple[str, ...], *, as_json: bool) -> None:
    """List the bundled scenarios, or those of each MODULE.

    With --server, those that may run there are listed, and the plans that it has.
    """
    server = asked()
    plans: list[Row] | None = None
    if server is None:
        rows = _of_modules(modules) if modules else _rows(bundled())
    else:
        rows, plans = _of_server(server, modules)
    if as_json:
        print_json({"scenarios": rows} | ({} if plans is None else {"plans": plans}))
        return
    before = ""
    for row in rows:
        module = row["target"].partition(":")[0]
        if module != before:
            click.echo(f"\n{module}" if before else module)
            before = module
        click.echo(_text(row))
    if server is not None and plans:
        click.echo(f"\nplans, for `{command_of(server, 'soak')} NAME`")
        for plan in plans:
            click.echo("\n".join([f"  {plan['name']}", *_wrapped(plan["summary"])]))


def _rows(found: Mapping[str, Scenario]) -> list[Row]:
    return [scenario_row(name, one) for name, one in found.items()]


def _of_modules(names: tuple[str, ...]) -> list[Row]:
    import_from_here()
    found: dict[str, Scenario] = {}
    for name in names:
        found |= scenarios_of(name)
    return _rows(found)


def _of_server(server: Server, modules: tuple[str, ...]) -> tuple[list[Row], list[Row] | None]:
    """The scenarios of a service, and its plans; of modules, their scenarios alone."""
    with server.client() as client:
        rows = client.scenarios()
        if not modules:
            return rows, client.plans()
    found: dict[str, Row] = {}
    for module in modules:
        own = [row for row in rows if row["target"].partition(":")[0] == module]
        if not own:
            raise UsageError(f"no scenario of module {module!r} may run at {server.url}")
        found |= {row["target"]: {**row, "name": row["target"]} for row in own}
    return list(found.values()), None


def _text(row: Row) -> str:
    lines = [f"  {row['name']}", *_wrapped(row["summary"])]
    if row["params"]:
        lines += _wrapped("params  " + ", ".join(map(_param, row["params"])), "        ")
    lines += _wrapped(f"expects {Expectation(**row['expect'])}", "        ")
    return "\n".join(lines)


def _wrapped(text: str, further: str = "") -> list[str]:
    indent = " " * 6
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + further)


def _param(param: Row) -> str:
    return f"{param['name']}={plain(param['default'])} ({param['allowed'].removeprefix('one of ')})"
