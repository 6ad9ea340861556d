"""Traces of random programs: threads that fork, join, lock, unlock, read and write."""

from __future__ import annotations

from random import Random

from emu.analysis.predict.trace import (
    ACQUIRE,
    FORK,
    JOIN,
    READ,
    RELEASE,
    WRITE,
    Op,
    Trace,
)

NESTING = 3


def random_trace(
    seed: int, *, threads: int = 3, locks: int = 3, cells: int = 1, steps: int = 24
) -> Trace:
    """A run of a random program, up to its end: every lock is released."""
    rng = Random(seed)
    names = [f"T{number}" for number in range(threads)]
    begun, over = names[:1], names[:0]
    held: dict[str, list[str]] = {name: [] for name in names}
    ops: list[Op] = []
    for _ in range(steps):
        thread = rng.choice(begun)
        taken = {lock for mine in held.values() for lock in mine}
        free = [lock for lock in "abcd"[:locks] if lock not in taken]
        draw = rng.random()
        unborn = [name for name in names if name not in begun and name not in over]
        if thread == names[0] and unborn and draw < 0.5:
            ops.append(Op(thread, FORK, unborn[0]))
            begun.append(unborn[0])
        elif draw < 0.5 and free and len(held[thread]) < NESTING:
            lock = rng.choice(free)
            held[thread].append(lock)
            ops.append(Op(thread, ACQUIRE, lock))
        elif draw < 0.8 and held[thread]:
            lock = held[thread].pop(rng.randrange(len(held[thread])) if draw < 0.55 else -1)
            ops.append(Op(thread, RELEASE, lock))
        elif draw < 0.85 and cells:
            ops.append(Op(thread, rng.choice((READ, WRITE)), f"x{rng.randrange(cells)}"))
        elif draw > 0.97 and thread == names[0] and over:
            ops.append(Op(thread, JOIN, over[0]))
        elif draw > 0.9 and thread != names[0] and not held[thread]:
            begun.remove(thread)
            over.append(thread)
    for name in names:
        ops.extend(Op(name, RELEASE, lock) for lock in reversed(held[name]))
    return Trace(tuple(ops))
