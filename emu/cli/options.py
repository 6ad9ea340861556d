"""The options that verbs share, each declared once."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any, Final, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
Decorator = Callable[[Command], Command]

LEVELS: Final = ("all", "locks", "findings", "none")


class Setting(click.ParamType["tuple[str, str]"]):
    """`name=value`, as a pair of texts."""

    name = "name=value"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        name, sign, text = str(value).partition("=")
        if not sign or not name:
            self.fail(f"{value!r} is not of the form name=value", param, ctx)
        return name, text


def target(command: Command) -> Command:
    """TARGET: what to run."""
    return click.argument("target")(command)


def setup(command: Command) -> Command:
    """--param, --chaos and --watchdog: what a setup is made of, besides its scenario."""
    for option in (
        click.option(
            "--watchdog",
            type=Setting(),
            multiple=True,
            help="Set a limit: lock_wait, steps, real, threads, silence or graph.",
        ),
        click.option(
            "--chaos",
            metavar="FILE",
            help="Inject what the [[chaos.…]] tables of this TOML file say, and nothing else.",
        ),
        click.option(
            "--param",
            "params",
            type=Setting(),
            multiple=True,
            help="Set a parameter of the scenario.",
        ),
    ):
        command = option(command)
    return command


def json(command: Command) -> Command:
    """--json: one object on stdout."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON object on stdout, nothing else."
    )(command)


def seed(command: Command) -> Command:
    """--seed: which runs are made."""
    return click.option("--seed", type=click.IntRange(0, 2**64 - 1), help="The seed [default: 0].")(
        command
    )


def strategy(command: Command) -> Command:
    """--strategy: who decides."""
    return click.option(
        "--strategy",
        metavar="NAME",
        help="The strategy, or module:Class of your own [default: rotation].",
    )(command)


def log(command: Command) -> Command:
    """--log and --log-level: where the log goes, and how much of it."""
    for option in (
        click.option(
            "--log-level", "level", type=click.Choice(LEVELS), default="all", show_default=True
        ),
        click.option("--log", "log", metavar="FILE", help="Write the log of the run to FILE."),
    ):
        command = option(command)
    return command


def _a_number(_: click.Context, __: click.Parameter, value: float | None) -> float | None:
    """Refuse what `float` reads and no clock ever shows."""
    if value is not None and not isfinite(value):
        raise click.BadParameter(f"{value} is no number of seconds")
    return value


def budget(command: Command) -> Command:
    """--runs, --seconds and --lanes: how long to explore, and how many machines side by side."""
    for option in (
        click.option(
            "--lanes",
            type=click.IntRange(min=1),
            default=32,
            show_default=True,
            help="How many machines run side by side; changes no result.",
        ),
        click.option(
            "--seconds",
            type=click.FloatRange(min=0, min_open=True),
            callback=_a_number,
            help="Stop after so many seconds.",
        ),
        click.option("--runs", type=click.IntRange(min=1), help="Stop after so many runs."),
    ):
        command = option(command)
    return command


def out(command: Command) -> Command:
    """--out: where findings are saved."""
    return click.option(
        "--out", metavar="DIR", default="runs", show_default=True, help="Save findings in DIR."
    )(command)
