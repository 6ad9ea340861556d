"""What goes to stdout: JSON for programs; prose goes there only where no JSON was asked for."""

from __future__ import annotations

from typing import Any, Final

import click
import orjson

STDOUT: Final = "-"
"""The name of a file to write that means stdout."""

PIECE: Final = 1 << 15
"""So many bytes are written at once: of more, a reader who goes away is not noticed."""


def print_json(value: dict[str, Any]) -> None:
    """Print one object, indented, and nothing else."""
    print_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def print_bytes(made: bytes) -> None:
    """Print what is made for a file."""
    for start in range(0, len(made), PIECE):
        click.echo(made[start : start + PIECE], nl=False)
