"""Moments and durations as POSIX gives them: seconds and nanoseconds, which may be wrong."""

from __future__ import annotations

from typing import Final, NamedTuple

SECOND: Final = 1_000_000_000


class Timespec(NamedTuple):
    """A `struct timespec`. Valid if `sec` is not negative and `nsec` is below one second."""

    sec: int
    nsec: int = 0


Moment = int | Timespec
"""A moment of virtual time since the start of the run, or a duration: ns, or a `Timespec`."""


def valid(moment: Moment) -> bool:
    """Whether the nanoseconds are in range."""
    return isinstance(moment, int) or 0 <= moment.nsec < SECOND


def as_deadline(moment: Moment) -> int | None:
    """A moment in ns; None if it is not valid."""
    if isinstance(moment, int):
        return moment
    return moment.sec * SECOND + moment.nsec if valid(moment) else None


class Timeval(NamedTuple):
    """A `struct timeval`. Valid if `sec` is not negative and `usec` is below one second."""

    sec: int
    usec: int = 0


def as_duration(time: int | Timeval) -> int | None:
    """A duration in ns, from ns or from a `Timeval`; None if it is not valid."""
    if isinstance(time, Timeval):
        wrong = time.sec < 0 or not 0 <= time.usec < SECOND // 1000
        return None if wrong else time.sec * SECOND + time.usec * 1000
    return time if time >= 0 else None
