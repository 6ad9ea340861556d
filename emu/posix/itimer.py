"""Interval timers that send a signal: `setitimer`, `getitimer` and `alarm`.

ITIMER_REAL counts virtual time; it is armed again when its signal is taken, so a signal
that stays pending stops it. ITIMER_PROF and ITIMER_VIRTUAL count the time in which threads
run, and charge the thread that was running.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emu.engine.clock import NEVER
from emu.posix.sending import generate, make_info
from emu.posix.timespec import SECOND, Timeval, as_duration

if TYPE_CHECKING:
    from emu.engine.clock import Timer
    from emu.posix.process import Process

SIGNALS: Final = {
    "ITIMER_REAL": "SIGALRM",
    "ITIMER_VIRTUAL": "SIGVTALRM",
    "ITIMER_PROF": "SIGPROF",
}
"""The timers, and what each sends."""


class IntervalTimer:
    """One timer of a process. `due` is when it next expires, in ns; None while it is off."""

    __slots__ = ("_process", "_timer", "due", "interval", "name", "number", "waits")

    def __init__(self, process: Process, name: str) -> None:
        self._process = process
        self._timer: Timer | None = None
        self.name = name
        self.number = process.kernel.number(SIGNALS[name])
        self.interval = 0
        self.due: int | None = None
        self.waits = False

    @property
    def counts_running(self) -> bool:
        """Whether it counts only the time in which threads run."""
        return self.name != "ITIMER_REAL"

    def left(self) -> int:
        """How long until it expires, in ns; 0 while it is off."""
        return 0 if self.due is None else max(self.due - self._process.machine.now, 1)

    def set(self, value: int, interval: int) -> None:
        """Expire after `value` ns and then every `interval` ns; 0 is never."""
        machine = self._process.machine
        self.off()
        self.interval = interval
        if value:
            self.at(machine.now + value)
        machine.record("timer.arm", "", self.name, self.due, interval)

    def off(self) -> None:
        """Do not expire any more."""
        if self._timer is not None:
            self._process.machine.clock.cancel(self._timer)
        self._timer = self.due = None
        self.waits = False

    def at(self, when: int) -> None:
        """Expire next at `when` ns."""
        self.due = when
        self._timer = self._process.machine.clock.at(when, self._expire)

    def taken(self) -> None:
        """Its signal was taken: count on, from the expirations that were missed."""
        if not self.waits:
            return
        self.waits = False
        now = self._process.machine.now
        assert self.due is not None
        missed = max(now - self.due, 0) // self.interval
        self.at(self.due + (missed + 1) * self.interval)

    def _expire(self) -> None:
        process = self._process
        machine = process.machine
        charged = machine.charged
        if self.counts_running and charged.id < 0:
            _postpone(process)
            return
        machine.record("timer.fire", "", self.name)
        info = make_info(process, self.number, "SI_KERNEL", sender=self.name)
        self._timer = None
        if not self.interval:
            self.due = None
        elif self.counts_running:
            self.at(machine.now + self.interval)
        else:
            self.waits = True
        generate(process, info, prefer=charged if self.counts_running else None)


class Timers:
    """The three interval timers of a process, each made when it is first asked for.

    A timer refers to its process, so one that nobody uses must not exist: without it, the
    process of a run that has ended is freed without a collector.
    """

    __slots__ = ("_timers",)

    def __init__(self) -> None:
        self._timers: dict[str, IntervalTimer] = {}

    def of(self, process: Process, name: str) -> IntervalTimer:
        """The timer called `name`, one of `SIGNALS`."""
        if name not in self._timers:
            self._timers[name] = IntervalTimer(process, name)
        return self._timers[name]

    def taken(self, number: int) -> None:
        """A signal was taken out of a pending set."""
        for timer in self._timers.values():
            if timer.number == number:
                timer.taken()

    def running_only(self) -> list[IntervalTimer]:
        """The armed timers that count only the time in which threads run."""
        timers = self._timers.values()
        return [one for one in timers if one.counts_running and one.due is not None]


def _postpone(process: Process) -> None:
    """Nobody runs: let no running time pass before another timer makes somebody run."""
    timers = process.timers.running_only()
    lasting = [(timer, timer.interval) for timer in timers]
    for timer, interval in lasting:
        timer.off()
        timer.interval = interval
    next_other = process.machine.clock.next()
    if next_other != NEVER:
        for timer, interval in lasting:
            timer.at(next_other + max(interval, 1))


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
    timer = process.timers.of(process, which)
    before = timer.left(), timer.interval
    timer.set(first, then)
    return before


async def getitimer(process: Process, which: str) -> tuple[int, int]:
    """What is left of a timer and its interval, in ns. Raises `OSError` EINVAL."""
    await process.enter("getitimer")
    if which not in SIGNALS:
        raise process.fails("getitimer", "EINVAL", f"there is no timer {which}")
    timer = process.timers.of(process, which)
    return timer.left(), timer.interval


async def alarm(process: Process, seconds: int) -> int:
    """Send SIGALRM after some seconds; 0 cancels. Gives the seconds that were left.

    They are rounded, but never to 0 while an alarm was pending. The timer is ITIMER_REAL.
    """
    await process.enter("alarm")
    timer = process.timers.of(process, "ITIMER_REAL")
    left = timer.left()
    timer.set(seconds * SECOND, 0)
    return max((left + SECOND // 2) // SECOND, 1) if left else 0
