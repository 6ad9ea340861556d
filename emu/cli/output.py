"""What goes to stdout: JSON for programs; prose goes there only where no JSON was asked for."""

from __future__ import annotations

from typing import Any

import click
import orjson


def print_json(value: dict[str, Any]) -> None:
    """Print one object, indented, and nothing else."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
