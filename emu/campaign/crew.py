"""The crew: worker processes on this machine, each watched, and replaced when it is lost."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any, Final

import trio

from emu.campaign.health import Health
from emu.campaign.losses import NoWorker, WorkerLost
from emu.campaign.order import (
    Beat,
    Began,
    Cramped,
    Failed,
    Hello,
    Order,
    Seen,
    Stop,
    Tell,
    Told,
    Yield,
)
from emu.campaign.wire import Reader, packed
from emu.campaign.worker import BOUND, OUT_OF_MEMORY
from emu.errors import InternalError, UsageError

EVENTS: Final = 20
"""How many of the last events of a run that cost a worker are kept."""

STACK: Final = 60
"""How many lines of a hung worker's stacks are kept."""

GRACE: Final = 1.0
"""How many seconds a hung worker has to dump its stacks."""

OnBeat = Callable[[Beat], object]


@dataclass
class Worker:
    """One place in the crew: a process that is started when it is needed, and again when lost."""

    health: Health
    hello: Hello
    _process: _Process | None = None
    _nursery: trio.Nursery | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        return self.health.name

    async def do(self, order: Order | Tell) -> Yield | Told:
        """Have an order carried out.

        Raises `WorkerLost` if that cost the worker, `NoWorker` if there can be none, `UsageError`
        and `InternalError` for an order that cannot be carried out.
        """
        process = self._process or await self._start()
        health = self.health
        began: Began | None = None
        events: deque[str] = deque(maxlen=EVENTS)
        await process.send(order)
        while True:
            message: Any = None
            with trio.move_on_after(order.patience) as waiting:
                message = await process.answers.read()
            if waiting.cancelled_caught:
                raise await self._hung(order.patience, began, events)
            if message is None:
                raise await self._died(began, events)
            health.heard = trio.current_time()
            if isinstance(message, Beat):
                health.runs, health.steps = message.runs, message.steps
            elif isinstance(message, Began):
                began = message
                events.clear()
            elif isinstance(message, Seen):
                events.append(message.line)
            elif isinstance(message, Cramped):
                raise await self._cramped(message.needed)
            elif isinstance(message, Failed):
                raise (UsageError if message.usage else InternalError)(message.sentence)
            else:
                answer: Yield | Told = message
                return answer

    async def stop(self) -> None:
        """Ask for what is done by now."""
        if self._process is not None:
            await self._process.send(Stop())

    async def close(self) -> None:
        """End the process at once, and let go of what was open to it."""
        if self._process is not None:
            await self._process.close()

    async def _start(self) -> _Process:
        assert self._nursery is not None
        try:
            self._process = process = _Process()
        except OSError as wrong:
            raise NoWorker(f"no worker can be started: {wrong.strerror or wrong}") from None
        self.health.pid = process.pid
        self._nursery.start_soon(process.listen)
        await process.send(self.hello)
        return process

    async def _hung(self, patience: float, began: Began | None, events: deque[str]) -> WorkerLost:
        """End a worker that has been silent for too long, and take its stacks first."""
        assert self._process is not None
        process = self._process
        process.said.clear()
        process.signal(signal.SIGUSR1)
        await trio.sleep(GRACE)
        process.signal(signal.SIGKILL)
        lost = await self._died(began, events)
        lost.how = f"worker lost: it hung, silent for {patience:g} s"
        lost.stack = tuple(process.said)
        return lost

    async def _cramped(self, needed: int) -> WorkerLost:
        """It has given up before it began; so would any other with as little memory."""
        lost = await self._died(None, deque())
        most = self.hello.memory
        allowed = f"{most / 1e6:g} MB" if most >= 1e6 else f"{most:,} bytes"
        lost.how = (
            f"worker lost: it may take {allowed} of memory, and needs at "
            f"least {math.ceil(needed / 1e6)} MB; allow more by --memory, or have fewer workers"
        )
        lost.unable = True
        return lost

    async def _died(self, began: Began | None, events: deque[str]) -> WorkerLost:
        assert self._process is not None
        process, self._process = self._process, None
        how = _ended(await process.close())
        self.health.lost += 1
        self.health.pid = 0
        run, seed = (None, None) if began is None else (began.run, began.seed)
        return WorkerLost(f"worker lost: {how}", run, seed, tuple(events))


class _Process:
    """A process, and the pipes to it.

    It is started by this very thread, not by one of trio's: Linux can have a child killed when
    the thread that made it ends, which is how a worker that never comes back to Python ends
    with the campaign, and trio's threads come and go.
    """

    def __init__(self) -> None:
        main = threading.current_thread() is threading.main_thread()
        self._popen = subprocess.Popen(  # noqa: S603  # ourselves
            [sys.executable, "-m", "emu.campaign.worker", *([BOUND] if main else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        orders, answers, errors = map(
            _stream, (self._popen.stdin, self._popen.stdout, self._popen.stderr)
        )
        self.pid = self._popen.pid
        self.answers = Reader(answers)
        self.said: deque[str] = deque(maxlen=STACK)
        self._streams = (orders, answers, errors)
        self._heard = trio.Event()
        self._sending = trio.Lock()

    async def send(self, message: object) -> None:
        """Write a message; if the process is gone, whoever reads its answers will see that."""
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            async with self._sending:  # the end of a campaign may come in the middle of an order
                await self._streams[0].send_all(packed(message))

    async def listen(self) -> None:
        """Keep the last lines of what it says on standard error."""
        rest = ""
        with suppress(trio.ClosedResourceError):
            async for some in self._streams[2]:
                *lines, rest = (rest + some.decode(errors="replace")).split("\n")
                self.said.extend(lines)
        if rest:
            self.said.append(rest)
        self._heard.set()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._popen.send_signal(number)

    async def close(self) -> int:
        """End it if it has not ended, hear its last words, and give its status."""
        if self.answers.ended:
            with trio.move_on_after(GRACE):  # it has closed its pipe, and is about to end
                await trio.to_thread.run_sync(self._popen.wait, abandon_on_cancel=True)
        self._popen.kill()
        status = await trio.to_thread.run_sync(self._popen.wait)
        with trio.move_on_after(GRACE):
            await self._heard.wait()
        for stream in self._streams:
            await stream.aclose()
        return status


def _stream(pipe: IO[bytes] | None) -> trio.lowlevel.FdStream:
    assert pipe is not None
    with pipe:
        return trio.lowlevel.FdStream(os.dup(pipe.fileno()))


def _ended(status: int) -> str:
    """How a process ended, by its status, in words."""
    if status < 0:
        return f"it was killed by {signal.Signals(-status).name}"
    if status == OUT_OF_MEMORY:
        return "it ran out of memory"
    return f"it ended with status {status}"


@asynccontextmanager
async def open_crew(
    workers: int, memory: int = 0, *, path: tuple[str, ...] | None = None
) -> AsyncIterator[list[Worker]]:
    """So many workers, each with so many bytes of memory (0: no limit); ended with the block.

    `path` is where they find modules; by default, where this process does.
    """
    hello = Hello(tuple(sys.path) if path is None else path, memory)
    async with trio.open_nursery() as nursery:
        crew = [Worker(Health(f"w{n}"), hello, _nursery=nursery) for n in range(1, workers + 1)]
        try:
            yield crew
        finally:
            with trio.CancelScope(shield=True):
                for worker in crew:
                    await worker.close()
            nursery.cancel_scope.cancel()


def memory_share(workers: int) -> int:
    """Bytes for each of so many workers: their shares of this machine's, with one to spare."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return machine // (workers + 1)
