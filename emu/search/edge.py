"""Where trio starts: real time is watched, and Ctrl-C, or SIGTERM, ends what runs in good order."""

from __future__ import annotations

import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, TypeVar

import trio

from emu.engine.watchdog import RealTime, real_time

Result = TypeVar("Result")

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
"""What asks a process to end."""


class Halt:
    """A request, from outside, to end in good order.

    `requested` may be set from a signal handler, at any moment; `called` follows in trio.
    """

    def __init__(self) -> None:
        self.requested = False
        self.called = trio.Event()

    def call(self) -> None:
        """Ask for the end, from inside trio."""
        self.requested = True
        self.called.set()


def run_trio(main: Callable[[Halt], Awaitable[Result]]) -> Result:
    """Run `main(halt)` in a trio of its own.

    The first Ctrl-C, or SIGTERM, calls `halt` and breaks scenario code that never reaches a
    checkpoint; the second raises `KeyboardInterrupt`.
    """

    async def started() -> Result:
        halt = Halt()
        with _interrupts(halt, guard):
            return await main(halt)

    with real_time() as guard:
        try:
            return trio.run(started)
        except BaseExceptionGroup as group:
            if group.subgroup(KeyboardInterrupt) is None:
                raise
            raise KeyboardInterrupt from None


@contextmanager
def _interrupts(halt: Halt, guard: RealTime) -> Iterator[None]:
    """Let the first SIGINT or SIGTERM call `halt`, where signals can be handled at all."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    token = trio.lowlevel.current_trio_token()

    def interrupted(_: int, __: FrameType | None) -> None:
        for number in SIGNALS:
            signal.signal(number, signal.default_int_handler)
        guard.hurry = halt.requested = True
        token.run_sync_soon(halt.call)

    before = {number: signal.signal(number, interrupted) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
