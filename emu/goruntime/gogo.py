"""Switching goroutines: a goroutine is a flow of control of its own, whichever M runs it.

`mcall` leaves a goroutine for g0, `resume` (on g0) goes on with a goroutine. Between the
two, everything that the goroutine awaits of the engine passes through untouched.
"""

from __future__ import annotations

import types
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emu.goruntime.m import G


class Switch:
    """What a goroutine asks g0 to do: `run(gp)` gives the goroutine to go on with."""

    __slots__ = ("run",)

    def __init__(self, run: Callable[[G], Awaitable[G]]) -> None:
        self.run = run


@types.coroutine
def mcall(run: Callable[[G], Awaitable[G]]) -> Generator[Switch, None, None]:
    """Leave the running goroutine, and run `run(gp)` on g0; returns when it goes on."""
    yield Switch(run)


@types.coroutine
def resume(running: Coroutine[Any, Any, None]) -> Generator[Any, Any, Switch | None]:
    """Go on with a goroutine until it switches; None once it has ended."""
    step: Callable[[Any], Any] = running.send
    value: Any = None
    while True:
        try:
            trap = step(value)
        except StopIteration:
            return None
        if isinstance(trap, Switch):
            return trap
        step = running.send
        try:
            value = yield trap
        except BaseException as error:
            step, value = running.throw, error
