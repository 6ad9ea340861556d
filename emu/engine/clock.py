"""Virtual time and timers: sleeping costs nothing.

Time is integer nanoseconds. A step takes `STEP`; when no thread is runnable the clock
jumps to the next timer.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Final

STEP: Final = 1_000
"""How long one step takes, in ns."""

NEVER: Final = 1 << 62
"""A step, and a time in ns, that no run reaches."""


class Timer:
    """A function to call at a moment of virtual time; cancelled once `call` is None."""

    __slots__ = ("call", "number", "when")

    def __init__(self, when: int, number: int, call: Callable[[], object]) -> None:
        self.when = when
        self.number = number
        self.call: Callable[[], object] | None = call

    def __lt__(self, other: Timer) -> bool:
        return (self.when, self.number) < (other.when, other.number)


class Clock:
    """The timers of one machine, and how far its time has jumped ahead of its steps."""

    __slots__ = ("_changed", "_heap", "_live", "_made", "offset")

    def __init__(self, changed: Callable[[], None]) -> None:
        self.offset = 0
        self._heap: list[Timer] = []
        self._live = 0
        self._made = 0
        self._changed = changed

    def __len__(self) -> int:
        return self._live

    def at(self, when: int, call: Callable[[], object]) -> Timer:
        """Call `call` once at `when` ns; a moment in the past is now."""
        timer = Timer(when, self._made, call)
        self._made += 1
        self._live += 1
        heappush(self._heap, timer)
        self._changed()
        return timer

    def cancel(self, timer: Timer) -> None:
        """Forget a timer; one that was called or cancelled already is left alone."""
        if timer.call is not None:
            timer.call = None
            self._live -= 1
            self._changed()

    def next(self) -> int:
        """When the next timer is due, in ns; `NEVER` if there is none."""
        while self._heap and self._heap[0].call is None:
            heappop(self._heap)
        return self._heap[0].when if self._heap else NEVER

    def due_step(self) -> int:
        """The first step at which the next timer is due."""
        when = self.next()
        return NEVER if when == NEVER else -((self.offset - when) // STEP)

    def fire(self, now: int) -> bool:
        """Call every timer due at `now`, in order; gives whether there was one."""
        fired = False
        while self.next() <= now:
            timer = heappop(self._heap)
            call, timer.call = timer.call, None
            self._live -= 1
            assert call is not None
            call()
            fired = True
        self._changed()
        return fired

    def jump(self, step: int) -> None:
        """Move time forward to the next timer; `step` is the machine's."""
        self.reach(self.next(), step)

    def reach(self, when: int, step: int) -> None:
        """Move time forward to `when`, unless it is there already; `step` is the machine's."""
        self.offset = max(self.offset, when - step * STEP)
        self._changed()
