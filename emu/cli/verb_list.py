"""`emu list`: the scenarios that there are, with parameters and expectations."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import click

from emu.campaign.catalogue import bundled, scenario_row, scenarios_of
from emu.cli import options
from emu.cli.output import print_json
from emu.cli.target import import_from_here
from emu.cli.words import plain
from emu.engine.param import Param
from emu.engine.scenario import Scenario

WIDTH = 100


@click.command("list")
@click.argument("modules", nargs=-1, metavar="[MODULE]...")
@options.json
def command(modules: tuple[str, ...], *, as_json: bool) -> None:
    """List the bundled scenarios, or those of each MODULE."""
    found = _of_modules(modules) if modules else bundled()
    if as_json:
        print_json({"scenarios": [scenario_row(name, one) for name, one in found.items()]})
        return
    module = ""
    for name, scenario in found.items():
        if scenario.function.__module__ != module:
            click.echo(
                f"\n{scenario.function.__module__}" if module else scenario.function.__module__
            )
            module = scenario.function.__module__
        click.echo(_text(name, scenario))


def _of_modules(names: tuple[str, ...]) -> Mapping[str, Scenario]:
    import_from_here()
    found: dict[str, Scenario] = {}
    for name in names:
        found |= scenarios_of(name)
    return found


def _text(name: str, scenario: Scenario) -> str:
    lines = [f"  {name}", *_wrapped(scenario.summary)]
    if scenario.params:
        lines += _wrapped("params  " + ", ".join(map(_param, scenario.params)), "        ")
    lines += _wrapped(f"expects {scenario.expect}", "        ")
    return "\n".join(lines)


def _wrapped(text: str, further: str = "") -> list[str]:
    indent = " " * 6
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + further)


def _param(param: Param) -> str:
    return f"{param.name}={plain(param.default)} ({param.allowed.removeprefix('one of ')})"
