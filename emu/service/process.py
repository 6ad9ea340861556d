"""A campaign at work, in a process of its own: `emu soak --resume DIR --events`.

What it says on standard output are events, a line each; it ends when nobody reads them any more,
so it does not outlive the service by much. What it keeps is in the campaign's directory alone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import orjson
import trio

from emu.service.errand import complaints, environment

GRACE: Final = 3.5
"""How many seconds a process has to end in good order; then it is killed."""

LINE: Final = 1 << 20
"""Of an event that is longer than so many bytes only the name is told."""

SAID: Final = 50
"""How many of the last lines on standard error are kept."""

OnEvent = Callable[[dict[str, Any]], object]


class Process:
    """One sitting of the campaign in `directory`, with so many workers.

    `memory` is what each of them may take, empty: a share of what there is.
    """

    def __init__(self, directory: Path, workers: int, memory: str = "") -> None:
        self._arguments = [
            *(sys.executable, "-m", "emu", "soak", "--resume", str(directory), "--events"),
            f"--workers={workers}",
        ]
        if memory:
            self._arguments.append(f"--memory={memory}")
        self._process: trio.Process | None = None
        self._said: deque[str] = deque(maxlen=SAID)
        self._stopping = trio.Event()

    @property
    def stopping(self) -> bool:
        """Whether it was asked to end."""
        return self._stopping.is_set()

    @property
    def complaint(self) -> str:
        """What it says is wrong, in a sentence or some."""
        return "; ".join(complaints(self._said))

    async def run(self, on_event: OnEvent) -> int:
        """Work until the end, telling events; gives the exit status, below 0 for a signal.

        Raises `OSError` where it cannot be started.
        """
        self._process = await trio.lowlevel.open_process(
            self._arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
            start_new_session=True,
        )
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._listen)
                nursery.start_soon(self._hurry, nursery.cancel_scope)
                await self._tell(on_event)
                await self._process.wait()
                nursery.cancel_scope.cancel()
        finally:
            self._kill()
            with trio.CancelScope(shield=True):
                status = await self._process.wait()
                for stream in (self._process.stdout, self._process.stderr):
                    assert stream is not None
                    await stream.aclose()
        return status

    def stop(self) -> None:
        """Ask for the end, in good order; it comes within `GRACE` seconds."""
        self._stopping.set()

    async def _tell(self, on_event: OnEvent) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in _lines(self._process.stdout):
            with suppress(ValueError):
                on_event(_event(line))

    async def _listen(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        async for line in _lines(self._process.stderr):
            self._said.append(line.decode(errors="replace"))

    async def _hurry(self, scope: trio.CancelScope) -> None:
        """Once it is to stop, wait no longer than it may take."""
        await self._stopping.wait()
        assert self._process is not None
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        await trio.sleep(GRACE)
        scope.cancel()

    def _kill(self) -> None:
        """End it, and all that it has started, if it has not ended."""
        assert self._process is not None
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _event(line: bytes) -> dict[str, Any]:
    """The row of an event; raises `ValueError` where there is none."""
    if len(line) > LINE:
        name = line[: LINE // 2].partition(b'"event":"')[2].partition(b'"')[0]
        return {"event": name.decode()}
    row = orjson.loads(line)
    if isinstance(row, dict) and isinstance(row.get("event"), str):
        return row
    raise ValueError("no event")


async def _lines(stream: trio.abc.ReceiveStream) -> AsyncIterator[bytes]:
    """The lines of a stream; of one that is far too long its beginning."""
    rest = b""
    async for some in stream:
        *lines, rest = (rest + some).split(b"\n")
        for line in lines:
            yield line
        if len(rest) > 2 * LINE:
            rest = rest[: LINE + 1]
    if rest:
        yield rest
