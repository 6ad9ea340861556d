"""Sleeping: `nanosleep` and `clock_nanosleep`. A handler ends a sleep; nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emu.engine.waitqueue import TIMEOUT, WaitQueue
from emu.posix.interruptible import HANDLED, RESTARTS, wait
from emu.posix.timespec import Moment, as_deadline

if TYPE_CHECKING:
    from emu.posix.process import Process

CLOCKS: Final = ("CLOCK_REALTIME", "CLOCK_MONOTONIC")
"""The clocks that can be slept on: both count from the start of the run."""


class SleepInterruptedError(OSError):
    """EINTR of `nanosleep`; `remaining` is what was left to sleep, in ns."""

    remaining: int = 0


async def nanosleep(process: Process, duration: Moment) -> None:
    """Sleep for a time (ns, or a `Timespec`).

    Raises `OSError` EINVAL for no time, `SleepInterruptedError` when a handler has run.
    """
    await process.enter("nanosleep")
    ns = as_deadline(duration)
    if ns is None or ns < 0:
        raise process.fails("nanosleep", "EINVAL", f"{duration!r} is no time")
    remaining = await _sleep_until(process, process.machine.now + ns)
    if remaining is not None:
        error = process.fails("nanosleep", "EINTR", "a handler has run")
        interrupted = SleepInterruptedError(error.errno, error.strerror)
        interrupted.remaining = remaining
        raise interrupted


async def clock_nanosleep(
    process: Process, clock: str, time: Moment, *, absolute: bool = False
) -> tuple[int, int]:
    """Sleep for a time, or until a moment; gives the error's number and what was left, in ns.

    What was left is 0 with `absolute`. EINVAL for an unknown clock or no time, EINTR.
    """
    await process.enter("clock_nanosleep")
    machine = process.machine
    errno = process.kernel.errno
    ns = as_deadline(time)
    if clock not in CLOCKS or ns is None or ns < 0:
        return errno("EINVAL"), 0
    deadline = ns if absolute else machine.now + ns
    remaining = await _sleep_until(process, deadline)
    if remaining is None:
        return 0, 0
    return errno("EINTR"), 0 if absolute else remaining


async def _sleep_until(process: Process, deadline: int) -> int | None:
    """Sleep until `deadline`, in ns; gives what was left when a handler ended it, or None."""
    machine = process.machine
    queue = WaitQueue(machine, "time")
    if machine.now < deadline:
        machine.record("thread.sleep", "", deadline - machine.now)
    while machine.now < deadline:
        reason = await wait(process, queue, "sleep", deadline=deadline)
        if reason in (HANDLED, RESTARTS):
            return max(deadline - machine.now, 0)
        if reason == TIMEOUT:
            break
    return None
