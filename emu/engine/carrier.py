"""What carries a thread: a recycled trio task.

A nursery and fresh tasks for every run would cost more than a short run itself, so
successive emulated threads, of any machine, are carried by the same tasks.
"""

from __future__ import annotations

import ctypes
import gc
import types
import warnings
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, TextIO, cast

import trio
from outcome import Value
from trio.lowlevel import Abort, current_task, reschedule, wait_task_rescheduled

from emu.engine.recorder import is_internal

if TYPE_CHECKING:
    from emu.engine.life import Life
    from emu.engine.thread import Thread

carried: Final[ContextVar[Life]] = ContextVar("carried")
"""The machine whose thread the running trio task carries."""


class ForeignAwait(Exception):
    """A thread awaited something that is not emu's while it held the baton."""


SWITCH: Final = "switch"
"""What a thread yields to its carrier when it has given the baton away."""

GO: Final = Value(None)
"""What a carrier is rescheduled with: its thread has the baton. Never unwrapped, so shared."""

ABANDON: Final = "abandon"
"""What a thread yields that swallows the end of its run in a loop: it is never resumed."""


class _Yield:
    """An awaitable that yields one word to the carrier, with as little as can be in memory."""

    __slots__ = ("_once",)

    def __init__(self, word: str) -> None:
        self._once = (word,)

    def __await__(self) -> Generator[str, None, None]:
        return cast("Generator[str, None, None]", iter(self._once))


switch: Final = _Yield(SWITCH)
"""Await this to leave the processor to whom the baton was given, until it is this thread's."""

abandon: Final = _Yield(ABANDON)
"""Await this to leave the processor for ever."""


def _innermost(body: Any) -> str:
    """Where the innermost frame of the program stands, as `file.py:line`."""
    place = ""
    while body is not None:
        frame = getattr(body, "cr_frame", None) or getattr(body, "gi_frame", None)
        if frame is not None and not is_internal(frame.f_code.co_filename):
            name = frame.f_code.co_filename
            if f"{trio.__name__}/" in name.replace("\\", "/"):
                break
            place = f"{name.replace(chr(92), '/').rsplit('/', 1)[-1]}:{frame.f_lineno}"
        body = getattr(body, "cr_await", None) or getattr(body, "gi_yieldfrom", None)
    return place


class Carriers:
    """The trio tasks of one nursery that carry threads."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery
        self._idle: list[trio.lowlevel.Task] = []

    def start(self, thread: Thread) -> None:
        """Begin to run a thread that has not run yet, on an idle task or a new one."""
        if self._idle:
            reschedule(self._idle.pop(), Value(thread))
        else:
            self._nursery.start_soon(self._carry, thread)

    async def _carry(self, thread: Thread) -> None:
        await self._loop(current_task(), thread)

    @types.coroutine
    def _loop(self, task: trio.lowlevel.Task, thread: Thread) -> Generator[Any, Any, None]:
        """Carry one thread after another.

        A thread's body is stepped by hand, so that trio is entered here and nowhere else:
        a body yields `SWITCH`, and anything else is a stray await, which never reaches
        trio but is raised as `ForeignAwait` where it was made.

        What `wait_task_rescheduled` asks of trio is the same at every hand-over, so it is
        made once for each thread and yielded again each time: half the cost of a switch.
        """
        rest = wait_task_rescheduled(_let_go)  # noqa: ASYNC105 - see above
        idle = rest.send(None)
        while True:
            machine = thread.machine
            thread.task = task
            carried.set(machine)
            park = wait_task_rescheduled(machine.cancelled)  # noqa: ASYNC105
            parked = park.send(None)
            body = machine.begin(thread)
            resume: Callable[[Any], Any] = body.send
            value: Any = None
            while True:
                try:
                    trap = resume(value)
                except StopIteration as end:
                    machine.returned(thread, end.value)
                    break
                except BaseException as error:
                    machine.raised(thread, error)
                    break
                if trap is SWITCH:
                    turn = yield parked
                    resume, value = body.send, None
                    if turn is not GO:
                        try:
                            turn.unwrap()
                        except BaseException as error:
                            resume, value = body.throw, error
                elif trap is ABANDON:
                    _keep(body)
                    break
                else:
                    resume, value = body.throw, ForeignAwait(_innermost(body))
            following = machine.retire(thread)
            # An exception refers to this frame: keep none of what may refer to one.
            machine = body = resume = value = trap = turn = None  # type: ignore[assignment]
            thread = None  # type: ignore[assignment]
            if following is None:
                self._idle.append(task)
                following = (yield idle).unwrap()
            thread = following

    CARRY: Final = _loop.__code__
    """By this code the watchdog knows a frame that carries a thread."""


def _keep(body: Coroutine[Any, Any, Any]) -> None:
    """Never free a body that refused to unwind: closing it would run it once more, for ever.

    Not even when the interpreter ends, so a reference to it is counted that nobody holds.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(body))


def _let_go(_: object) -> Abort:
    return Abort.SUCCEEDED


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Collect garbage less often: a history is many long-lived tuples and hardly any cycle."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@asynccontextmanager
async def open_carriers() -> AsyncIterator[Carriers]:
    """A pool of carriers for the machines that run inside; it ends with the block."""
    with _rare_collections(), warnings.catch_warnings():
        warnings.filterwarnings("always", message="coroutine .* was never awaited")
        show = warnings.showwarning
        warnings.showwarning = _Forgotten(show)
        async with trio.open_nursery() as nursery:
            try:
                yield Carriers(nursery)
            finally:
                nursery.cancel_scope.cancel()


class _Forgotten:
    """Tells a machine that its running thread dropped a coroutine without awaiting it."""

    def __init__(self, otherwise: Any) -> None:
        self._otherwise = otherwise

    def __call__(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        machine = carried.get(None)
        if machine is None or "was never awaited" not in str(message):
            self._otherwise(message, category, filename, lineno, file, line)
        elif not machine.ended:
            machine.forgot(str(message))
