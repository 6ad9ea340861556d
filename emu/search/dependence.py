"""Which operations depend on each other: in which of them the order can matter.

An operation is known by its name and the one thing that it is done to (its target). Two of
them commute when they are done to different things, or when both only look. Without a target
an operation may touch anything. A proof must then take it to depend on everything; a sampler,
which only wants a hint, takes it to race with nothing, because most such operations are a
thread's own work, and what races with everything makes of any sampler a random walk.
"""

from __future__ import annotations

from typing import Final

READS: Final = frozenset({"load", "join", "start"})
"""Operations that change nothing which another of them could see."""


def conflict(op_a: str, target_a: str, op_b: str, target_b: str) -> bool:
    """Whether the order of two operations of different threads can matter; if in doubt, it can."""
    if target_a and target_b and target_a != target_b:
        return False
    return not (op_a in READS and op_b in READS)


def races(op_a: str, target_a: str, op_b: str, target_b: str) -> bool:
    """Whether two operations are known to race: on one thing, and one of them changes it."""
    return bool(target_a) and target_a == target_b and not (op_a in READS and op_b in READS)
