"""What goes to stdout: JSON for programs; prose goes there only where no JSON was asked for."""

from __future__ import annotations

from typing import Any, Final

import click
import orjson

PIECE: Final = 1 << 15
"""So many characters are written at once: of more, a reader who goes away is not noticed."""


def print_json(value: dict[str, Any]) -> None:
    """Print one object, indented, and nothing else."""
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    for start in range(0, len(text), PIECE):
        click.echo(text[start : start + PIECE], nl=False)
    click.echo()
