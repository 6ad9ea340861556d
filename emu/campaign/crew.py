"""The crew: worker processes on this machine, each watched, and replaced when it is lost."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import trio

from emu.campaign.losses import WorkerLost
from emu.campaign.order import Beat, Began, Failed, Hello, Order, Seen, Stop, Tell, Told, Yield
from emu.campaign.wire import Reader, packed
from emu.campaign.worker import OUT_OF_MEMORY
from emu.errors import InternalError, UsageError

EVENTS: Final = 20
"""How many of the last events of a run that cost a worker are kept."""

STACK: Final = 60
"""How many lines of a hung worker's stacks are kept."""

GRACE: Final = 1.0
"""How many seconds a hung worker has to dump its stacks."""

OnBeat = Callable[[Beat], object]


@dataclass
class Health:
    """How a worker is: its process, what it does, since when (trio's clock), and how far it is."""

    name: str
    pid: int = 0
    busy: str = ""
    since: float = 0.0
    runs: int = 0
    steps: int = 0
    lost: int = 0


@dataclass
class Worker:
    """One place in the crew: a process that is started when it is needed, and again when lost."""

    health: Health
    hello: Hello
    _process: trio.Process | None = None
    _reader: Reader | None = None
    _errors: deque[str] = field(default_factory=lambda: deque(maxlen=STACK))
    _drained: trio.Event = field(default_factory=trio.Event)
    _nursery: trio.Nursery | None = None
    _stopping: bool = False

    @property
    def name(self) -> str:
        """What people call it."""
        return self.health.name

    async def do(self, order: Order | Tell) -> Yield | Told:
        """Have an order carried out.

        Raises `WorkerLost` if that cost the worker, `UsageError` and `InternalError` for an
        order that cannot be carried out.
        """
        process = self._process
        if process is None or process.returncode is not None:
            process = await self._start()
        health = self.health
        health.runs = health.steps = 0
        began: Began | None = None
        events: deque[str] = deque(maxlen=EVENTS)
        await self._send(order)
        while True:
            message: Any = None
            with trio.move_on_after(order.patience) as waiting:
                assert self._reader is not None
                message = await self._reader.read()
            if waiting.cancelled_caught:
                raise await self._hung(order.patience, began, events)
            if message is None:
                raise await self._died(began, events)
            if isinstance(message, Beat):
                health.runs, health.steps = message.runs, message.steps
            elif isinstance(message, Began):
                began = message
                events.clear()
            elif isinstance(message, Seen):
                events.append(message.line)
            elif isinstance(message, Failed):
                raise (UsageError if message.usage else InternalError)(message.sentence)
            else:
                answer: Yield | Told = message
                return answer

    async def stop(self) -> None:
        """Ask for what is done by now."""
        if self._process is not None and self._process.returncode is None:
            await self._send(Stop())

    async def close(self) -> None:
        """End the process at once, and let go of what was open to it."""
        if self._process is not None:
            self._process.kill()
            await self._let_go(self._process)

    async def _start(self) -> trio.Process:
        assert self._nursery is not None
        self._errors.clear()
        self._drained = trio.Event()
        process = await trio.lowlevel.open_process(
            [sys.executable, "-m", "emu.campaign.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stdout is not None
        self._process, self._reader = process, Reader(process.stdout)
        self.health.pid = process.pid
        self._nursery.start_soon(self._drain, process, self._drained)
        await self._send(self.hello)
        return process

    async def _send(self, message: object) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            await self._process.stdin.send_all(packed(message))  # if it is gone, it is found out

    async def _drain(self, process: trio.Process, drained: trio.Event) -> None:
        """Keep the last lines of what it says on standard error."""
        assert process.stderr is not None
        rest = ""
        with suppress(trio.ClosedResourceError):
            async for some in process.stderr:
                *lines, rest = (rest + some.decode(errors="replace")).split("\n")
                self._errors.extend(lines)
        if rest:
            self._errors.append(rest)
        drained.set()

    async def _hung(self, patience: float, began: Began | None, events: deque[str]) -> WorkerLost:
        """End a worker that has been silent for too long, and take its stacks first."""
        assert self._process is not None
        self._errors.clear()
        self._process.send_signal(signal.SIGUSR1)
        await trio.sleep(GRACE)
        self._process.kill()
        lost = await self._died(began, events)
        lost.how = f"worker lost: it hung, silent for {patience:g} s"
        lost.stack = tuple(self._errors)
        return lost

    async def _died(self, began: Began | None, events: deque[str]) -> WorkerLost:
        assert self._process is not None
        status = await self._let_go(self._process)
        self.health.lost += 1
        run, seed = (None, None) if began is None else (began.run, began.seed)
        return WorkerLost(f"worker lost: {_ended(status)}", run, seed, tuple(events))

    async def _let_go(self, process: trio.Process) -> int:
        """Wait for the end of a process, for its last words, and close what was open to it."""
        self._process = None
        status = await process.wait()
        with trio.move_on_after(GRACE):
            await self._drained.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            assert stream is not None
            await stream.aclose()
        return status


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
