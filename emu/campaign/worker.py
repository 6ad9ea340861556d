"""A worker: a process that carries out one order after the other, until nobody gives any.

`python -m emu.campaign.worker` reads orders on its standard input and answers on its standard
output. It says now and then that it is alive; it dumps the stacks of its threads on SIGUSR1;
it ends when its input does, so that it never outlives the campaign, in the middle of a run if
need be.
"""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import os
import resource
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Final

import trio

from emu.campaign.order import Beat, Began, Cramped, Failed, Hello, Order, Seen, Stop, Tell
from emu.campaign.perform import Spoiled, run_shard, tell
from emu.campaign.wire import Reader, packed
from emu.engine.carrier import Carriers, open_carriers
from emu.engine.machine import Machine
from emu.engine.watchdog import real_time
from emu.errors import EmuError, UsageError
from emu.record.event import RawEvent
from emu.record.line import render
from emu.record.row import row_of
from emu.search.edge import Halt

BEAT: Final = 0.5
"""How often a worker says that it is alive, in seconds."""

BOUND: Final = "--bound"
"""The argument of a worker that may be killed when the thread that has started it ends."""

_PR_SET_PDEATHSIG: Final = 1  # prctl(2)

OUT_OF_MEMORY: Final = 71
"""The status of a worker that gives up because memory has run out."""

ROOM: Final = 32_000_000
"""Bytes of memory that programs need at least, besides what a worker takes before any of them."""


class Worker:
    """The process from inside."""

    def __init__(self, source: trio.abc.ReceiveStream, answers: int) -> None:
        self._reader = Reader(source)
        self._answers = answers
        self._halt = Halt()
        self._done = (0, 0)
        self._watched: int | None = None

    async def run(self) -> None:
        """Work until there is nobody to work for."""
        send, receive = trio.open_memory_channel[Order | Tell](1)
        async with trio.open_nursery() as nursery, open_carriers() as carriers:
            nursery.start_soon(self._listen, send)
            nursery.start_soon(self._beat)
            async for order in receive:
                await self._carry_out(order, carriers)
                gc.collect()  # once a second: what runs leave in cycles would pile up for hours

    async def _listen(self, orders: trio.MemorySendChannel[Order | Tell]) -> None:
        while (message := await self._reader.read()) is not None:
            if isinstance(message, Stop):
                self._halt.call()
            elif isinstance(message, Hello):
                sys.path[:] = message.path
                if message.memory:
                    self._limit(message.memory)
            else:
                self._halt = Halt()
                self._done = (0, 0)
                await orders.send(message)
        os._exit(0)

    def _limit(self, memory: int) -> None:
        """Take no more memory than this, or give up now if that cannot be enough."""
        needed = _taken() + ROOM
        if memory < needed:
            self._say(Cramped(needed))
            os._exit(OUT_OF_MEMORY)
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    async def _beat(self) -> None:
        while True:
            await trio.sleep(BEAT)
            self._say(Beat(*self._done))

    async def _carry_out(self, order: Order | Tell, carriers: Carriers) -> None:
        answer: object
        try:
            if isinstance(order, Tell):
                answer = await tell(order, carriers, self._halt)
            else:
                self._watched = order.watched
                begin = self._begin if order.shard.alone else None
                answer = await run_shard(order, carriers, self._halt, self._progress, begin)
        except (Spoiled, MemoryError):
            os._exit(OUT_OF_MEMORY)
        except EmuError as wrong:
            answer = Failed(str(wrong), usage=isinstance(wrong, UsageError))
        except Exception as error:
            answer = Failed(f"{type(error).__name__}: {error}", usage=False)
        self._say(answer)

    def _progress(self, runs: int, steps: int) -> None:
        self._done = (runs, steps)

    def _begin(self, run: int, machine: Machine) -> None:
        """A run begins alone; of one under suspicion, what it does is told as it happens."""
        self._say(Began(run, machine.info.seed))
        if run == self._watched:
            machine.events = _Watched(self)

    def saw(self, raw: RawEvent) -> None:
        """An event of a run under suspicion."""
        self._say(Seen(render(row_of(raw)).decode().rstrip()))

    def _say(self, message: object) -> None:
        view = memoryview(packed(message))
        try:
            while view:
                view = view[os.write(self._answers, view) :]
        except BrokenPipeError:
            os._exit(0)


class _Watched(list[RawEvent]):
    """The events of a run, each told when it is appended."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def append(self, raw: RawEvent) -> None:
        super().append(raw)
        self._worker.saw(raw)


def main() -> None:
    """Work for whoever is at the other end of standard input and output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is the campaign's to take
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    orders, answers = os.dup(0), os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)  # what a program prints is no answer

    if BOUND in sys.argv and sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_outlive_nobody, args=(os.getppid(),), daemon=True).start()

    async def work() -> None:
        await Worker(trio.lowlevel.FdStream(orders), answers).run()

    with real_time():
        trio.run(work)


def _taken() -> int:
    """How many bytes this process takes of what may be limited; 0 where nobody says."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()


def _outlive_nobody(parent: int) -> None:
    """End this process when its parent is gone, where the kernel does not see to that."""
    while os.getppid() == parent:
        time.sleep(BEAT)
    os._exit(0)


if __name__ == "__main__":
    main()
