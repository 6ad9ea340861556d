"""What is said of circles of locks, against GoodLock."""

from __future__ import annotations

from itertools import pairwise

from emu.analysis.predict.acquires import abstract_acquires
from emu.analysis.predict.goodlock import goodlock
from emu.analysis.predict.lockcycles import LONGEST, Judge, lock_cycles, may_have_longer
from tests.analysis.predict.generated import random_trace


def turned(locks: tuple[str, ...]) -> tuple[str, ...]:
    first = locks.index(min(locks))
    return locks[first:] + locks[:first]


def test_possible_are_exactly_those_that_goodlock_has() -> None:
    known = 0
    for seed in range(300):
        trace = random_trace(seed, threads=3 + seed % 2, locks=4, cells=0, steps=40)
        judge = Judge(trace, abstract_acquires(trace))
        judged = {locks: judge.judge(locks) for locks in lock_cycles(judge.arrows.after())}
        possible = {at for at, one in judged.items() if one and one.verdict == "possible"}
        # of an acquire that waits, the lock that it holds is what the one before it asks for
        goods = {turned(tuple(one.lock for one in cycle)) for cycle in goodlock(trace)}
        assert possible == goods
        known += len(goods)
    assert known > 100


def test_every_circle_comes_once_and_none_is_too_long() -> None:
    names = [f"{number:02}" for number in range(LONGEST + 2)]
    ring = {name: [names[(at + 1) % len(names)]] for at, name in enumerate(names)}
    ring[names[LONGEST - 1]].append(names[0])
    assert list(lock_cycles(ring)) == [tuple(names[:LONGEST])]


def test_circles_of_two_that_share_a_lock_are_two() -> None:
    assert list(lock_cycles({"a": ["b", "c"], "b": ["a"], "c": ["a"]})) == [("a", "b"), ("a", "c")]


def test_a_ring_of_more_locks_than_are_looked_for_is_seen() -> None:
    names = [f"{number:02}" for number in range(LONGEST + 1)]
    ring = {name: [names[(at + 1) % len(names)]] for at, name in enumerate(names)}
    assert may_have_longer(ring)


def test_a_chain_of_any_length_has_no_longer_circle() -> None:
    names = [f"{number:02}" for number in range(4 * LONGEST)]
    assert not may_have_longer({name: [after] for name, after in pairwise(names)})
