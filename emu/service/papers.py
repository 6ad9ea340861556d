"""What is made of a campaign's files when somebody asks: reports and traces.

They are made by `emu report` and `emu logs trace`, each in a process of its own: they may take
long, and nobody else should wait for them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import trio

from emu.campaign.crew import memory_share
from emu.errors import InternalError, UsageError
from emu.service.errand import Bounds, environment, run, scratch
from emu.service.errors import TooMany
from emu.service.settings import Limits

OUTPUT: Final = 64 << 20
"""So many bytes one may have."""


class Papers:
    """Reports and traces, as many at once as calls; further ones wait."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._desks = trio.CapacityLimiter(max(1, limits.calls))

    async def report(self, directory: Path, at: str) -> bytes:
        """The page of a campaign with the address `at`."""
        words = _absolute(directory), "-o", "-", "--at", at
        return await self._made("the report", "report", *words)

    async def trace(self, log: Path) -> bytes:
        """The runs of a log, as JSON in the format of Chrome and Perfetto."""
        return await self._made("the trace", "logs", "trace", _absolute(log), "-o", "-")

    async def _made(self, what: str, *words: str) -> bytes:
        limits = self._limits
        bounds = Bounds(limits.call_seconds, memory_share(limits.calls), OUTPUT)
        async with self._desks, scratch() as cwd:
            done = await run(
                [sys.executable, "-m", "emu", *words], b"", bounds, cwd=cwd, env=environment()
            )
        if done.late:
            raise TooMany(f"{what} was not made in {limits.call_seconds:g} s, the most it may")
        if done.loud:
            raise UsageError(f"{what} has more than {OUTPUT >> 20} MB; make it by `emu` there")
        if done.status != 0:
            wrong = InternalError(f"{what} cannot be made")
            wrong.add_note(done.err)
            raise wrong
        return done.out


def _absolute(path: Path) -> str:
    """A path for a process that works elsewhere."""
    return str(path.absolute())
