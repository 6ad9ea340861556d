"""What ends a run that would not end: limits on lock waits, silence, steps and real time.

The watchdog catches what no graph of waits shows: lost wake-ups, livelock, starvation, a
lock whose holder has left. A lock that is waited for too long, and silence (no thread
runnable, no timer), are findings; a limit on steps or real time says `unknown`.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from inspect import CO_COROUTINE
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, cast

from emu.engine.carrier import Carriers, carried
from emu.engine.guest import ask
from emu.engine.recorder import is_internal
from emu.engine.thread import Spinning, State, Thread
from emu.engine.units import parse_duration
from emu.engine.waitfor import describe
from emu.errors import UsageError
from emu.record.finding import UNKNOWN, Blocked, Outcome

if TYPE_CHECKING:
    from emu.engine.machine import Machine

SECOND: Final = 1_000_000_000
TICK: Final = 0.25
"""How often real time is looked at, in seconds."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The watchdog's settings; times in ns, of emulated time except `real`. 0 is: off."""

    lock_wait: int = 5 * SECOND
    steps: int = 20_000
    real: int = 10 * SECOND
    threads: int = 5_000
    silence: bool = True
    graph: bool = True


def limits_from(values: dict[str, Any], where: str = "watchdog") -> Limits:
    """Limits from a mapping as in a plan (`lock_wait = "5s"`); raises `UsageError`."""
    allowed = [item.name for item in fields(Limits)]
    made: dict[str, Any] = {}
    for key, value in values.items():
        if key not in allowed:
            raise UsageError(f"{where}: unknown key {key!r}; known are {', '.join(allowed)}")
        if key in ("silence", "graph"):
            if not isinstance(value, bool):
                raise UsageError(f"{where}.{key} is {value!r}; allowed are true and false")
            made[key] = value
        elif key in ("lock_wait", "real"):
            made[key] = parse_duration(value, f"{where}.{key}")
        elif isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise UsageError(f"{where}.{key} is {value!r}; allowed is a whole number from 1")
        else:
            made[key] = value
    return Limits(**made)


def overdue(threads: list[Thread], lock_wait: int) -> tuple[int, Thread] | None:
    """The lock wait that meets its limit first: when, in ns, and whose it is."""
    waits = [
        (thread.wait.since + thread.wait.excused + lock_wait, thread.id, thread)
        for thread in threads
        if thread.state is State.BLOCKED and thread.wait is not None and thread.wait.what == "lock"
    ]
    if not waits:
        return None
    when, _, thread = min(waits, key=lambda wait: wait[:2])
    return when, thread


def chain(thread: Thread) -> list[Blocked]:
    """Who waits for whom, from `thread` on, until a thread that runs or one seen before."""
    links: list[Blocked] = []
    seen: list[Thread] = []
    while thread.state is State.BLOCKED and thread not in seen:
        seen.append(thread)
        links.append(describe(thread))
        wait = thread.wait
        holders = wait.holders() if wait is not None and wait.holders is not None else ()
        if not holders:
            break
        thread = holders[0]
    return links


class RealTime:
    """Watches, by real time, for threads that run without ever reaching a checkpoint.

    And for guests, a strategy or a checker of the user's, that do not answer. It works in the
    main thread of a Unix process, where an interval timer can interrupt Python code; `active`
    says whether it does. `hurry` breaks such code at the next tick, and ends whatever run that
    tick meets.
    """

    def __init__(self) -> None:
        self.active = False
        self.hurry = False
        self._seen: object = None
        self._ticks = 0

    def tick(self, _: int, frame: FrameType | None) -> None:
        """One tick of the interval timer, while `frame` was running."""
        guest = _asked(frame)
        if guest is not None:
            self._watch(guest, guest.f_locals["limit"], frame)
            return
        machine = _running(frame)
        if machine is None:
            self._seen = None
            return
        if self.hurry:
            machine.end(Outcome(UNKNOWN, "the run was interrupted"))
            machine.alarm = 0  # its next checkpoint sees it, if there is one
        self._watch((machine, machine.step), machine.real_limit, frame)

    def _watch(self, now: object, limit: int, frame: FrameType | None) -> None:
        """Break the code in `frame` if this has been seen `now` for `limit` ns, 0 is: never."""
        self._ticks = self._ticks + 1 if now == self._seen else 0
        self._seen = now
        if self._ticks and (self.hurry or (limit and self._ticks * TICK * SECOND >= limit)):
            raise Spinning(_where(frame))


@contextmanager
def real_time() -> Iterator[RealTime]:
    """Watch real time inside the block."""
    guard = RealTime()
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getitimer(signal.ITIMER_REAL)[0]:
        yield guard
        return
    before = signal.signal(signal.SIGALRM, guard.tick)
    signal.setitimer(signal.ITIMER_REAL, TICK, TICK)
    guard.active = True
    try:
        yield guard
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _asked(frame: FrameType | None) -> FrameType | None:
    """The frame that asked a guest which the interrupted frame belongs to, if it does."""
    inner = None
    while frame is not None and frame.f_code is not Carriers.CARRY:
        if frame.f_code is ask.__code__:
            return frame if inner is not None else None
        inner, frame = frame, frame.f_back
    return None


def _running(frame: FrameType | None) -> Machine | None:
    """The machine whose thread the interrupted frame belongs to, if it is a thread's.

    A carrier calls a thread's coroutine, and functions that see to its life and its end;
    only what is inside the coroutine can spin, and may be broken.
    """
    inner = None
    while frame is not None:
        if frame.f_code is Carriers.CARRY:
            body = inner is not None and inner.f_code.co_flags & CO_COROUTINE
            return cast("Machine", carried.get()) if body else None
        inner, frame = frame, frame.f_back
    return None


def _where(frame: FrameType | None) -> str:
    while frame is not None and is_internal(frame.f_code.co_filename):
        frame = frame.f_back
    if frame is None:
        return "an unknown place"
    return f"{frame.f_code.co_filename.rsplit('/', 1)[-1]}:{frame.f_lineno}"
