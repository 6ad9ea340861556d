"""How to know that processes live, without asking again and again."""

from __future__ import annotations

import os
from pathlib import Path

import trio

STUBBORN = "tests.service.programs:stubborn"


class Fifo:
    """What `STUBBORN` and its child hold the other end of, as long as they live."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = str(path)
        self._end = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    async def here(self) -> None:
        """They are at work."""
        await trio.lowlevel.wait_readable(self._end)
        assert os.read(self._end, 100) == b"here\n"

    async def gone(self) -> None:
        """None of them lives any more."""
        await trio.lowlevel.wait_readable(self._end)
        assert os.read(self._end, 100) == b""
        os.close(self._end)
