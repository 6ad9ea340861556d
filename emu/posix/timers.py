"""POSIX timers that send a signal: `timer_create`, `timer_settime`, `timer_getoverrun`.

They are interval timers with a signal, a value and a name of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emu.posix.itimer import IntervalTimer
from emu.posix.sigset import Signal

if TYPE_CHECKING:
    from emu.posix.process import Process


async def timer_create(process: Process, signal: Signal, value: Any = None) -> IntervalTimer:
    """A timer that will send `signal` with `value`. Raises `OSError` EINVAL for no signal."""
    await process.enter("timer_create")
    number = process.kernel.number(signal)
    if not process.kernel.valid(number):
        raise process.fails("timer_create", "EINVAL", f"{number} is no signal")
    name = f"timer {len(process.timers)}"
    timer = IntervalTimer(name, number, code="SI_TIMER", value=value)
    process.timers[name] = timer
    process.machine.record("syscall", name, "timer_create", 0, None)
    return timer


async def timer_settime(
    process: Process, timer: IntervalTimer, value: int, interval: int = 0
) -> None:
    """Let a timer expire after `value` ns and then every `interval` ns; 0 is never.

    Raises `OSError` EINVAL for a negative time.
    """
    await process.enter("timer_settime")
    if value < 0 or interval < 0:
        raise process.fails("timer_settime", "EINVAL", "a negative time")
    timer.set(process, value, interval)


async def timer_getoverrun(process: Process, timer: IntervalTimer) -> int:
    """How many expirations were missed before the timer's signal was last taken."""
    await process.enter("timer_getoverrun")
    process.machine.record("syscall", timer.name, "timer_getoverrun", timer.overrun, None)
    return timer.overrun
