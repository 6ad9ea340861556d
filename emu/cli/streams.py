"""The streams of the process: prose goes to stderr, and whoever cannot be reached does without."""

from __future__ import annotations

import os
import sys
from typing import TextIO

import click


def note(text: str) -> None:
    """Print prose to stderr; where nobody can read it any more, the work goes on without."""
    try:
        click.echo(text, err=True)
    except OSError:
        discard(sys.stderr)


def discard(stream: TextIO) -> None:
    """Let all that is still written to `stream` go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def have_streams() -> None:
    """Make up for streams that were closed before the start: what goes there goes nowhere.

    Else the next file to be opened would take their place, and get what is meant for them.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", closefd=False)
