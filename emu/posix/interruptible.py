"""Waits that a signal may end: whether a handler ran, and whether the call goes on.

A call that waits asks here and acts by its own rule. Restartable ones (`sem_wait`) go on
after `RESTARTS`; those that a handler always ends (`pause`, `nanosleep`) treat `RESTARTS`
as `HANDLED`; those that anything ends (`sigwaitinfo`) fail after `INTERRUPTED` too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emu.engine.waitqueue import INTERRUPTED, Holders, WaitQueue
from emu.posix.thread_signals import Interruption

if TYPE_CHECKING:
    from emu.posix.process import Process

HANDLED: Final = "handled"
"""A handler without SA_RESTART has run: the call fails with EINTR."""

RESTARTS: Final = "restarts"
"""A handler with SA_RESTART has run: a restartable call goes on."""


async def wait(
    process: Process,
    queue: WaitQueue,
    what: str,
    *,
    deadline: int | None = None,
    holders: Holders | None = None,
    interruption: Interruption | None = None,
) -> str:
    """Park the running thread; gives the reasons of `WaitQueue.park`, `HANDLED` or `RESTARTS`."""
    signals = process.signals(process.machine.current)
    mine = interruption or Interruption()
    outer, signals.interruption = signals.interruption, mine
    try:
        reason = await queue.park(what, deadline=deadline, holders=holders)
    finally:
        signals.interruption = outer
    if reason != INTERRUPTED or mine.flags is None:
        return reason
    return RESTARTS if mine.flags & process.kernel.flags["SA_RESTART"] else HANDLED
