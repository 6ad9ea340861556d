"""What a worker of a Dask cluster does for a campaign: it has worker processes of its own.

A program under test may hang, take all memory, or end the process that it is in. So every
thread of a Dask worker hands its orders to a process, as a crew does. A process is kept for the
next order of the same sitting, and ends when there is none for a while: a program that has
changed is read anew by the next sitting.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import Final

import trio

from emu.campaign.crew import Worker, memory_share, open_crew
from emu.campaign.losses import NoWorker, WorkerLost
from emu.campaign.order import Failed, Order, Tell, Told, Yield
from emu.engine.machine import EMU
from emu.errors import EmuError, UsageError

IDLE: Final = 10.0
"""After so many seconds without an order a process is ended."""


def identity() -> str:
    """Which emu this is."""
    return EMU


def carry_out(sitting: str, order: Order | Tell, memory: int) -> Yield | Told | Failed | WorkerLost:
    """Carry out an order of a sitting, in a process with so many bytes of memory.

    0 is: its share of this machine's. What goes wrong is an answer, too.
    """
    return _outpost().carry_out(sitting, order, memory)


def hand_in(sitting: str) -> None:
    """Have all orders of a sitting answered with what is done by now."""
    _outpost().hand_in(sitting)


@dataclass
class _Post:
    """A process, whose orders it takes, and since when (trio's clock) it is idle."""

    worker: Worker
    sitting: str
    dismissed: trio.Event
    idle: float | None = None


class Outpost:
    """The worker processes of this process, kept by a thread with a trio of its own."""

    def __init__(self) -> None:
        self._posts: list[_Post] = []
        standing = threading.Event()
        threading.Thread(target=trio.run, args=(self._stand, standing), daemon=True).start()
        standing.wait()

    def carry_out(
        self, sitting: str, order: Order | Tell, memory: int
    ) -> Yield | Told | Failed | WorkerLost:
        """See `carry_out`; called in any thread but trio's."""
        return trio.from_thread.run(self._do, sitting, order, memory, trio_token=self._token)

    def hand_in(self, sitting: str) -> None:
        """See `hand_in`; called in any thread."""
        self._token.run_sync_soon(self._stop, sitting)

    async def _stand(self, standing: threading.Event) -> None:
        self._token = trio.lowlevel.current_trio_token()
        async with trio.open_nursery() as self._nursery:
            standing.set()
            while True:
                await trio.sleep(IDLE / 4)
                for post in list(self._posts):
                    if post.idle is not None and trio.current_time() - post.idle >= IDLE:
                        self._posts.remove(post)
                        post.dismissed.set()

    async def _do(
        self, sitting: str, order: Order | Tell, memory: int
    ) -> Yield | Told | Failed | WorkerLost:
        idle = (one for one in self._posts if one.sitting == sitting and one.idle is not None)
        post = next(idle, None) or await self._nursery.start(self._open, sitting, memory)
        post.idle = None
        try:
            answer: Yield | Told = await post.worker.do(order)
        except WorkerLost as lost:
            return lost
        except NoWorker as wrong:
            return WorkerLost(f"worker lost: {wrong}", unable=True)
        except EmuError as wrong:
            return Failed(str(wrong), usage=isinstance(wrong, UsageError))
        finally:
            post.idle = trio.current_time()
        return answer

    async def _open(self, sitting: str, memory: int, task_status: trio.TaskStatus[_Post]) -> None:
        share = memory_share(len(os.sched_getaffinity(0)))
        async with open_crew(1, memory or share) as (worker,):
            post = _Post(worker, sitting, trio.Event())
            self._posts.append(post)
            task_status.started(post)
            await post.dismissed.wait()

    def _stop(self, sitting: str) -> None:
        for post in self._posts:
            if post.sitting == sitting and post.idle is None:
                self._nursery.start_soon(post.worker.stop)


_LOCK: Final = threading.Lock()
_STANDING: Final[list[Outpost]] = []


def _outpost() -> Outpost:
    """The one of this process, set up when it is first needed."""
    with _LOCK:
        if not _STANDING:
            _STANDING.append(Outpost())
        return _STANDING[0]
