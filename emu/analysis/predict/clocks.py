"""Vector clocks over the threads of a trace: how much of each thread must be there first.

A clock says of each thread how many of its operations are meant. The order is that of each
thread, and of fork and join; and, where it is asked for, from the write to whoever reads it.
That a lock was released before it was acquired orders nothing: a schedule may choose otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

from emu.analysis.predict.trace import FORK, JOIN, READ, UPDATE, WRITE, Trace

Clock = list[int]


@dataclass(frozen=True)
class Clocks:
    """For each operation of a trace its clock, its own index in its thread from 1, its thread.

    `before` is the clock of what must be there before the operation: that of the one before it
    in its thread, or of the fork of the thread.
    """

    threads: dict[str, int]
    after: list[Clock]
    before: list[Clock]
    own: list[int]
    thread: list[int]


def join_clock(into: Clock, other: Clock) -> None:
    """Let `into` cover `other` as well."""
    for at, count in enumerate(other):
        into[at] = max(into[at], count)


def clocks(trace: Trace, *, reads: bool = True) -> Clocks:
    """The clocks of a trace; with `reads`, a read comes after the write that it reads."""
    threads: dict[str, int] = {}
    for op in trace.ops:
        threads.setdefault(op.thread, len(threads))
        if op.kind in (FORK, JOIN):
            threads.setdefault(op.what, len(threads))
    now = [[0] * len(threads) for _ in threads]
    written: dict[str, Clock] = {}
    made = Clocks(threads, [], [], [], [])
    for op in trace.ops:
        number = threads[op.thread]
        clock = now[number]
        made.before.append(clock.copy())
        if reads and op.kind in (READ, UPDATE) and op.what in written:
            join_clock(clock, written[op.what])
        elif op.kind == JOIN:
            join_clock(clock, now[threads[op.what]])
        clock[number] += 1
        if op.kind == FORK:
            join_clock(now[threads[op.what]], clock)
        if reads and op.kind in (WRITE, UPDATE):
            written[op.what] = clock.copy()
        made.after.append(clock.copy())
        made.own.append(clock[number])
        made.thread.append(number)
    return made


def segments_of(trace: Trace) -> list[int]:
    """For each operation, in which part of its thread it is: a fork or a join begins another."""
    parts: dict[str, int] = {}
    numbers = []
    for op in trace.ops:
        numbers.append(parts.setdefault(op.thread, 0))
        if op.kind in (FORK, JOIN):
            parts[op.thread] += 1
    return numbers
