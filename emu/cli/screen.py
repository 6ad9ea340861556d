"""A terminal that shows one picture, drawn again and again, and is left as it was found.

It is the terminal's second screen, which knows no scrolling: a change of size breaks nothing.
"""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.live import Live


def has_screen() -> bool:
    """Whether stderr is a terminal that can show a picture."""
    return sys.stderr.isatty() and not _console().is_dumb_terminal


class Screen:
    """The picture on stderr; a context manager."""

    def __init__(self) -> None:
        self._live = Live(
            "",
            console=_console(),
            auto_refresh=False,
            screen=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._live.stop()

    def show(self, picture: RenderableType) -> None:
        """Draw this now."""
        self._live.update(picture, refresh=True)


def _console() -> Console:
    return Console(stderr=True, highlight=False, markup=False, emoji=False)
