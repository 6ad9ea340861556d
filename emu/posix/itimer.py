"""Interval timers that send a signal: `setitimer`, `getitimer` and `alarm`.

ITIMER_REAL counts virtual time; it is armed again when its signal is taken, so a signal
that stays pending stops it. ITIMER_PROF and ITIMER_VIRTUAL count the time in which threads
run, and charge the thread that was running.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final
from weakref import ref

from emu.engine.clock import NEVER
from emu.posix.sending import generate, make_info
from emu.posix.timespec import SECOND, Timeval, as_duration

if TYPE_CHECKING:
    from emu.engine.clock import Timer
    from emu.engine.machine import Machine
    from emu.posix.kernel import Kernel
    from emu.posix.process import Process

SIGNALS: Final = {
    "ITIMER_REAL": "SIGALRM",
    "ITIMER_VIRTUAL": "SIGVTALRM",
    "ITIMER_PROF": "SIGPROF",
}
"""The timers, and what each sends."""


class IntervalTimer:
    """One timer of a process. `due` is when it next expires, in ns; None while it is off.

    `waits` says that it expired and is armed again when its signal is taken; `overrun`
    counts the expirations that were missed before that.
    """

    __slots__ = (
        "_timer",
        "code",
        "due",
        "interval",
        "name",
        "number",
        "overrun",
        "value",
        "waits",
    )

    def __init__(
        self, name: str, number: int, *, code: str = "SI_KERNEL", value: Any = None
    ) -> None:
        self._timer: Timer | None = None
        self.name = name
        self.number = number
        self.code = code
        self.value = value
        self.overrun = 0
        self.interval = 0
        self.due: int | None = None
        self.waits = False

    @property
    def counts_running(self) -> bool:
        """Whether it counts only the time in which threads run."""
        return self.name in ("ITIMER_VIRTUAL", "ITIMER_PROF")

    def left(self, now: int) -> int:
        """How long until it expires, in ns; 0 while it is off."""
        return 0 if self.due is None else max(self.due - now, 1)

    def off(self, machine: Machine) -> None:
        """Do not expire any more."""
        if self._timer is not None:
            machine.clock.cancel(self._timer)
        self._timer = self.due = None
        self.waits = False

    def at(self, process: Process, when: int) -> None:
        """Expire next at `when` ns."""
        self.due = when
        # Weakly: what a run leaves behind is freed at once, an armed timer or not.
        expire = partial(_expire, ref(process), self.name)
        self._timer = process.machine.clock.at(when, expire)

    def set(self, process: Process, value: int, interval: int) -> None:
        """Expire after `value` ns and then every `interval` ns; 0 is never."""
        machine = process.machine
        self.off(machine)
        self.interval = interval
        if value:
            self.at(process, machine.now + value)
        machine.record("timer.arm", "", self.name, self.due, interval)

    def taken(self, process: Process) -> None:
        """Its signal was taken: count on, from the expirations that were missed."""
        if not self.waits:
            return
        self.waits = False
        assert self.due is not None
        self.overrun = max(process.machine.now - self.due, 0) // self.interval
        self.at(process, self.due + (self.overrun + 1) * self.interval)


class Timers(dict[str, IntervalTimer]):
    """The timers of a process, by name: the three of `setitimer`, and POSIX's."""

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(
            (name, IntervalTimer(name, kernel.number(signal))) for name, signal in SIGNALS.items()
        )

    def taken(self, process: Process, number: int) -> None:
        """A signal was taken out of a pending set."""
        for timer in self.values():
            if timer.number == number:
                timer.taken(process)


def _expire(weak: ref[Process], name: str) -> None:
    process = weak()
    assert process is not None
    timer = process.timers[name]
    machine = process.machine
    charged = machine.charged
    if timer.counts_running and charged.id < 0:
        _postpone(process)
        return
    machine.record("timer.fire", "", timer.name)
    info = make_info(process, timer.number, timer.code, value=timer.value, sender=timer.name)
    if not timer.interval:
        timer.due = None
    elif timer.counts_running:
        timer.at(process, machine.now + timer.interval)
    else:
        timer.waits = True
    generate(process, info, prefer=charged if timer.counts_running else None)


def _postpone(process: Process) -> None:
    """Nobody runs: let no running time pass before another timer makes somebody run."""
    machine = process.machine
    timers = [one for one in process.timers.values() if one.counts_running and one.due is not None]
    for timer in timers:
        timer.off(machine)
    next_other = machine.clock.next()
    if next_other != NEVER:
        for timer in timers:
            timer.at(process, next_other + max(timer.interval, 1))


async def setitimer(
    process: Process, which: str, value: int | Timeval, interval: int | Timeval = 0
) -> tuple[int, int]:
    """Let a timer expire after `value` and then every `interval` (ns, or a `Timeval`).

    Gives what was left and the interval before, in ns. Raises `OSError` EINVAL for an
    unknown timer or no duration.
    """
    await process.enter("setitimer")
    first, then = as_duration(value), as_duration(interval)
    if which not in SIGNALS or first is None or then is None:
        raise process.fails("setitimer", "EINVAL", f"{which}, {value!r}, {interval!r}")
    timer = process.timers[which]
    before = timer.left(process.machine.now), timer.interval
    timer.set(process, first, then)
    return before


async def getitimer(process: Process, which: str) -> tuple[int, int]:
    """What is left of a timer and its interval, in ns. Raises `OSError` EINVAL."""
    await process.enter("getitimer")
    if which not in SIGNALS:
        raise process.fails("getitimer", "EINVAL", f"there is no timer {which}")
    timer = process.timers[which]
    return timer.left(process.machine.now), timer.interval


async def alarm(process: Process, seconds: int) -> int:
    """Send SIGALRM after some seconds; 0 cancels. Gives the seconds that were left.

    They are rounded, but never to 0 while an alarm was pending. The timer is ITIMER_REAL.
    """
    await process.enter("alarm")
    timer = process.timers["ITIMER_REAL"]
    left = timer.left(process.machine.now)
    timer.set(process, seconds * SECOND, 0)
    return max((left + SECOND // 2) // SECOND, 1) if left else 0
