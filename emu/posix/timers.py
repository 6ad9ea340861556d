"""POSIX timers that send a signal: `timer_create`, `timer_settime`, `timer_getoverrun`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emu.posix.sending import COALESCED, generate, make_info
from emu.posix.sigset import Signal

if TYPE_CHECKING:
    from emu.engine.clock import Timer
    from emu.posix.process import Process


class PosixTimer:
    """One timer. `overrun` counts the expirations whose signal was pending already."""

    __slots__ = ("_process", "_timer", "due", "interval", "number", "overrun", "value")

    def __init__(self, process: Process, number: int, value: Any) -> None:
        self._process = process
        self._timer: Timer | None = None
        self.number = number
        self.value = value
        self.due: int | None = None
        self.interval = 0
        self.overrun = 0

    def set(self, value: int, interval: int) -> None:
        """Expire after `value` ns and then every `interval` ns; 0 is never."""
        machine = self._process.machine
        if self._timer is not None:
            machine.clock.cancel(self._timer)
        self.interval = interval
        self.due = machine.now + value if value else None
        self._timer = None if self.due is None else machine.clock.at(self.due, self._expire)
        machine.record("timer.arm", "", "timer", self.due, interval)

    def _expire(self) -> None:
        process = self._process
        machine = process.machine
        machine.record("timer.fire", "", "timer")
        info = make_info(process, self.number, "SI_TIMER", value=self.value, sender="timer")
        self._timer, self.due = None, None
        coalesced = generate(process, info) == COALESCED
        self.overrun = self.overrun + 1 if coalesced else 0
        if self.interval and not coalesced:
            self.due = machine.now + self.interval
            self._timer = machine.clock.at(self.due, self._expire)


async def timer_create(process: Process, signal: Signal, value: Any = None) -> PosixTimer:
    """A timer that will send `signal` with `value`. Raises `OSError` EINVAL for no signal."""
    await process.enter("timer_create")
    number = process.kernel.number(signal)
    if not process.kernel.valid(number):
        raise process.fails("timer_create", "EINVAL", f"{number} is no signal")
    process.machine.record("syscall", "", "timer_create", 0, None)
    return PosixTimer(process, number, value)


async def timer_settime(process: Process, timer: PosixTimer, value: int, interval: int = 0) -> None:
    """Let a timer expire after `value` ns and then every `interval` ns; 0 is never."""
    await process.enter("timer_settime")
    if value < 0 or interval < 0:
        raise process.fails("timer_settime", "EINVAL", "a negative time")
    timer.set(value, interval)
