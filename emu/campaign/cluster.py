"""Places on a Dask cluster: each stands for a thread of a worker, and every order is a task.

Tasks are pinned to their workers, so that it is known which worker a lost order has cost, and
so that none goes to a worker whose emu is another. Workers come and go as they like: what a lost
one had in hand comes back, and one that joins late has its share of what is left.
"""

from __future__ import annotations

import logging
import math
import re
import socket
import threading
import warnings
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Any, Final, TypeVar

import trio

from emu.campaign.health import Health
from emu.campaign.losses import WorkerLost
from emu.campaign.order import Failed, Order, Tell, Told, Yield
from emu.campaign.outpost import carry_out, hand_in, identity
from emu.engine.machine import EMU
from emu.errors import InternalError, UsageError

Value = TypeVar("Value")

EVERY: Final = 0.5
"""How often it is looked at who is there, in seconds."""

KNOCK: Final = 3.0
"""How many seconds a scheduler has to take a connection, ..."""

ANSWER: Final = 10.0
"""... and how many to answer; a cluster that is silent for so long is gone."""

_ADDRESS: Final = re.compile(r"dask://(?P<host>\[[0-9a-fA-F:.]+\]|[^\s/:\[\]]+):(?P<port>[0-9]+)")


class ClusterPlace:
    """A thread of a Dask worker; once its worker is lost it is gone."""

    def __init__(self, cluster: Cluster, worker: str, number: int) -> None:
        name = worker.rpartition("//")[2]
        self.health = Health(f"{name} {number + 1}" if number else name)
        self._cluster = cluster
        self._worker = worker
        self._waiting: trio.CancelScope | None = None

    async def do(self, order: Order | Tell) -> Yield | Told:
        """Have an order carried out; raises as `crew.Worker.do` does."""
        answer: Any = None
        future = await self._cluster.submit(self._worker, order)
        how = "the cluster has lost it"
        try:
            with trio.CancelScope() as self._waiting:
                answer = await self._cluster.call(future.result)
        except Exception as error:  # of the cluster: what goes wrong with an order is an answer
            how = f"{type(error).__name__}: {error}".partition("\n")[0]
        finally:
            if answer is None:
                with trio.move_on_after(EVERY, shield=True):
                    await self._cluster.call(future.cancel)
        if answer is None:
            self.leave()
            raise WorkerLost(f"worker lost: {how}")
        if isinstance(answer, WorkerLost):
            self.health.lost += 1
            raise answer
        if isinstance(answer, Failed):
            raise (UsageError if answer.usage else InternalError)(answer.sentence)
        carried_out: Yield | Told = answer
        return carried_out

    async def stop(self) -> None:
        """Ask for what is done by now."""
        if self.health.busy and not self.health.gone:
            await self._cluster.hand_in(self._worker)

    def leave(self) -> None:
        """There is no such thread any more."""
        self.health.gone = True
        if self._waiting is not None:
            self._waiting.cancel()


class Cluster:
    """A Dask cluster, over a client that `connect` has made.

    `memory` is how many bytes a process there may have; 0: its share of the machine's.
    """

    def __init__(self, client: Any, address: str, memory: int) -> None:
        self.address = address
        self._client = client
        self._memory = memory
        self._limiter = trio.CapacityLimiter(math.inf)
        self._sitting = str(client.id)

    @property
    def threads(self) -> int:
        """How many threads its workers have now, all together."""
        return sum(self._client.nthreads().values())

    def close(self) -> None:
        """Let go of it."""
        self._client.close(timeout=KNOCK)

    async def places(self, note: Callable[[str], object]) -> AsyncIterator[ClusterPlace]:
        """Every thread of every worker, as they join; those of workers that are lost leave.

        `note` is told of workers that cannot be used. Raises `UsageError` when the cluster is
        gone.
        """
        known: dict[tuple[str, int], ClusterPlace] = {}
        fits: dict[str, bool] = {}
        heard = trio.current_time()
        while trio.current_time() - heard < ANSWER:
            threads = await self._threads(ANSWER)
            if threads is not None:
                heard = trio.current_time()
                if not threads and not fits:
                    note(f"emu: the cluster at {self.address} has no worker yet; waiting for one")
                    fits[""] = False
            there = {
                (worker, number): None
                for worker, count in sorted((threads or {}).items())
                for number in range(count)
            }
            for key in [key for key in known if key not in there]:
                known.pop(key).leave()
            for worker, number in there:
                if worker not in fits:
                    wrong = await self.call(partial(_misfit, self._client, worker))
                    fits[worker] = not wrong
                    if wrong:
                        note(f"emu: {wrong}; it is not used")
                place = known.get((worker, number))
                if fits[worker] and (place is None or place.health.gone):
                    place = known[worker, number] = ClusterPlace(self, worker, number)
                    yield place
            await trio.sleep(EVERY)
        raise UsageError(f"the cluster at {self.address} is gone")

    async def submit(self, worker: str, order: Order | Tell) -> Any:
        """Make an order a task of this worker; gives its future."""
        return await self.call(
            partial(
                self._client.submit,
                carry_out,
                self._sitting,
                order,
                self._memory,
                workers=[worker],
                allow_other_workers=False,
                pure=False,
            )
        )

    async def hand_in(self, worker: str) -> None:
        """Have what this worker does for this sitting answered with what is done by now."""
        run = partial(self._client.run, hand_in, self._sitting, workers=[worker])
        with suppress(Exception):  # it may be lost at this moment, and then has nothing to give
            await self.call(run)

    async def call(self, function: Callable[[], Value]) -> Value:
        """Call what waits for the cluster, and stop waiting when that is cancelled."""
        return await trio.to_thread.run_sync(
            function, abandon_on_cancel=True, limiter=self._limiter
        )

    async def _threads(self, patience: float) -> dict[str, int] | None:
        """How many threads each worker has, by its address; None: nobody answers."""
        with trio.move_on_after(patience), suppress(Exception):
            threads: dict[str, int] = await self.call(self._client.nthreads)
            return threads
        return None


def connect(text: str, memory: int) -> Cluster:
    """The cluster at `dask://HOST:PORT`.

    Raises `UsageError` when that is malformed or cannot be reached, when distributed is not
    installed here, and when the scheduler or a worker has another emu, or none.
    """
    match = _ADDRESS.fullmatch(text)
    if match is None or not 0 < int(match["port"]) < 1 << 16:
        raise UsageError(
            f"--on is {text!r}; allowed is dask://HOST:PORT, such as dask://127.0.0.1:8786"
        )
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise UsageError(
            "--on needs the package distributed; get it by `pip install 'emu[cluster]'`"
        ) from None
    try:
        socket.create_connection((match["host"].strip("[]"), int(match["port"])), KNOCK).close()
    except OSError as wrong:
        reason = wrong.strerror or wrong
        raise UsageError(f"cannot reach a scheduler at {text}: {reason}") from None
    _quieten()
    try:
        client = _client(distributed, f"tcp://{match['host']}:{match['port']}")
    except Exception as wrong:
        raise UsageError(
            f"what answers at {text} is no Dask scheduler, or not one for distributed "
            f"{distributed.__version__}: {str(wrong).partition(chr(10))[0] or type(wrong).__name__}"
        ) from None
    misfit = _misfit(client, "")
    for worker in sorted(client.nthreads()):
        misfit = misfit or _misfit(client, worker)
    if misfit:
        client.close(timeout=KNOCK)
        raise UsageError(misfit)
    return Cluster(client, text, memory)


def _client(distributed: Any, address: str) -> Any:
    """A client of a scheduler; raises `TimeoutError`, where its own limit on time fails it, too."""
    made: Future[Any] = Future()

    def make() -> None:
        try:
            made.set_result(distributed.Client(address, timeout=ANSWER, set_as_default=False))
        except Exception as wrong:
            made.set_exception(wrong)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of other versions: which ones matter is checked
        threading.Thread(target=make, daemon=True).start()
        return made.result(ANSWER + 1)


def _misfit(client: Any, worker: str) -> str:
    """Why a worker, or the scheduler (""), cannot be used; empty if it can be."""
    who = f"the worker at {worker.rpartition('//')[2]}" if worker else "the scheduler"
    try:
        if worker:
            emu = client.run(identity, workers=[worker])[worker]
        else:
            emu = client.run_on_scheduler(identity)
    except Exception as wrong:
        if isinstance(wrong, ImportError) or ModuleNotFoundError.__name__ in str(wrong):
            return f"{who} has no emu {EMU}; install it there, and start it again"
        return f"{who} does not answer: {type(wrong).__name__}: {wrong}".partition("\n")[0]
    if emu != EMU:
        return f"{who} has emu {emu}, and this is emu {EMU}: its runs would be others"
    return ""


def _quieten() -> None:
    """What distributed logs is for its developers: what matters here is said in sentences."""
    for name in sorted(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL)
