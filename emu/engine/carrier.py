"""What carries a thread: a recycled trio task.

A nursery and fresh tasks for every run would cost more than a short run itself, so
successive emulated threads, of any machine, are carried by the same tasks.
"""

from __future__ import annotations

import gc
import types
import warnings
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, Protocol, TextIO

import trio
from outcome import Value
from trio.lowlevel import Abort, current_task, reschedule, wait_task_rescheduled

from emu.engine.recorder import is_internal

if TYPE_CHECKING:
    from emu.engine.checkpoint import Baton
    from emu.engine.thread import Thread

carried: Final[ContextVar[Baton]] = ContextVar("carried")
"""The machine whose thread the running trio task carries."""

_abandoned: Final[list[Coroutine[Any, Any, Any]]] = []
"""Bodies that refused to unwind: kept, because closing them would run them once more."""


class ForeignAwait(Exception):
    """A thread awaited something that is not emu's while it held the baton."""


class Trap(Protocol):
    """What `drive` needs to know of a machine: whether the last yield was its own."""

    trapped: bool
    abandoning: bool


@types.coroutine
def drive(machine: Trap, body: Coroutine[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """Run a thread's body, letting only its own machine's trap through to trio.

    Any other yield is a stray await: it never reaches trio, and is raised as
    `ForeignAwait` where it was made.
    """
    resume: Callable[[Any], Any] = body.send
    value: Any = None
    while True:
        try:
            trap = resume(value)
        except StopIteration as end:
            return end.value
        if not machine.trapped:
            if machine.abandoning:
                machine.abandoning = False
                _abandoned.append(body)
                return None
            resume, value = body.throw, ForeignAwait(_innermost(body))
            continue
        machine.trapped = False
        resume = body.send
        try:
            value = yield trap
        except BaseException as error:
            resume, value = body.throw, error


@types.coroutine
def give_up() -> Generator[None, None, None]:
    """Leave a body that swallows `ThreadEnded` in a loop: `drive` never resumes it."""
    yield


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

    async def _carry(self, first: Thread) -> None:
        task = current_task()
        thread: Thread | None = first
        while True:
            while thread is not None:
                thread.task = task
                carried.set(thread.machine)
                thread = await thread.machine.carry(thread)
            self._idle.append(task)
            thread = await wait_task_rescheduled(_let_go)


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
