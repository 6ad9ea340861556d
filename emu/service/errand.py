"""A command in a process of its own, which ends with its caller, or when its time is up."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import trio

from emu.errors import InternalError, UsageError

SOON: Final = 0.9
"""After this share of its time a command is asked to end, so that it can say what it has."""

OWN: Final = ("EMU_SERVER", "EMU_TOKEN")
"""What is meant for this process, or for whoever has started it."""

SAID: Final = 1 << 16
"""So many bytes of what a command complains of are kept: the last."""


COMPLAINT: Final = "emu: error: "
"""How a line of `emu` on standard error begins that says what is wrong."""


@dataclass(frozen=True)
class Bounds:
    """What a command may take: real seconds, bytes of memory, bytes that it prints."""

    seconds: float
    memory: int
    output: int


@dataclass(frozen=True)
class Done:
    """How a command ended: its status (below 0: that signal killed it), and what it has printed.

    `late` says that it was killed when its time was up, `loud` that it has printed too much.
    """

    status: int
    out: bytes
    err: str
    late: bool
    loud: bool


def complaints(lines: Iterable[str]) -> list[str]:
    """What `emu` says is wrong, a sentence each, of what it has said on standard error."""
    return [line.removeprefix(COMPLAINT) for line in lines if line.startswith(COMPLAINT)]


def environment() -> dict[str, str]:
    """That of this process, for one whose output is read; what is secret is left out.

    It says where to import from, so that what can be imported here can be there.
    """
    made = {name: value for name, value in os.environ.items() if name not in OWN}
    paths = (str(Path.cwd()), os.environ.get("PYTHONPATH", ""))
    return {**made, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONUTF8": "1"}


@asynccontextmanager
async def scratch() -> AsyncIterator[Path]:
    """A directory for as long as it is needed; raises `OSError`."""
    place = await trio.to_thread.run_sync(partial(tempfile.mkdtemp, prefix="emu-call-"))
    try:
        yield Path(place)
    finally:
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(partial(shutil.rmtree, place, ignore_errors=True))


async def run(
    words: Sequence[str], stdin: bytes, bounds: Bounds, *, cwd: Path, env: Mapping[str, str]
) -> Done:
    """Run a command in a session of its own, and kill all of it at the end.

    The end is its own, or that its time is up, or that the caller is cancelled. Raises
    `UsageError` for words that no command may have.
    """
    errand = _Errand(await _open(words, cwd, env), bounds)
    return await errand.run(stdin)


async def _open(words: Sequence[str], cwd: Path, env: Mapping[str, str]) -> trio.Process:
    try:
        return await trio.lowlevel.open_process(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=env,
            start_new_session=True,
        )
    except ValueError as wrong:
        raise UsageError(f"a value cannot be given to a command: {wrong}") from None
    except OSError as wrong:
        if wrong.errno == errno.E2BIG:
            raise UsageError("the values are too long for a command, all together") from None
        raise InternalError(f"no process can be started: {wrong.strerror or wrong}") from wrong


class _Errand:
    def __init__(self, process: trio.Process, bounds: Bounds) -> None:
        self.process = process
        self.bounds = bounds
        self.out = bytearray()
        self.err = bytearray()
        self.loud = False

    async def run(self, stdin: bytes) -> Done:
        process, seconds = self.process, self.bounds.seconds
        try:
            self._limit()
            with trio.move_on_after(seconds) as time:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._feed, stdin)
                    nursery.start_soon(self._listen)
                    nursery.start_soon(self._warn, SOON * seconds)
                    await self._read()
                    await process.wait()
                    nursery.cancel_scope.cancel()
        finally:
            with trio.CancelScope(shield=True):
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
                for stream in (process.stdin, process.stdout, process.stderr):
                    if stream is not None:
                        await stream.aclose()
        said = self.err.decode(errors="replace")
        assert process.returncode is not None
        return Done(process.returncode, bytes(self.out), said, time.cancelled_caught, self.loud)

    def _limit(self) -> None:
        """What holds even if nobody is left to kill it."""
        seconds = int(self.bounds.seconds) + 1
        pid, memory = self.process.pid, self.bounds.memory
        with suppress(ProcessLookupError):
            _bound(pid, resource.RLIMIT_CPU, seconds, seconds + 1)
            _bound(pid, resource.RLIMIT_AS, memory, memory)

    async def _feed(self, stdin: bytes) -> None:
        assert self.process.stdin is not None
        with suppress(trio.BrokenResourceError):
            await self.process.stdin.send_all(stdin)
            await self.process.stdin.aclose()

    async def _read(self) -> None:
        """Take what it prints; where that is too much, it is killed."""
        assert self.process.stdout is not None
        async for piece in self.process.stdout:
            self.out += piece
            if len(self.out) > self.bounds.output:
                self.loud = True
                self.process.kill()
                return

    async def _listen(self) -> None:
        assert self.process.stderr is not None
        async for piece in self.process.stderr:
            self.err += piece
            del self.err[:-SAID]

    async def _warn(self, seconds: float) -> None:
        await trio.sleep(seconds)
        self.process.terminate()


def _bound(pid: int, limit: int, soft: int, hard: int) -> None:
    """Set a limit of a process, or leave a lower one that it has: only root may raise that."""
    most = resource.prlimit(pid, limit)[1]
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.prlimit(pid, limit, (soft, hard))
