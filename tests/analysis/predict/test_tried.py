"""Who only tries to get a lock waits for nobody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from emu.analysis.order import lock_order
from emu.analysis.predict.prediction import predict
from emu.engine.machine import Machine
from emu.engine.scenario import Scenario, scenario
from emu.posix.mutex import Mutex
from emu.posix.rwlock import RWLock
from emu.record.logs import Logged
from tests.analysis.predict.runs import passing


async def crossed(m: Machine, take: Callable[[Mutex], Awaitable[int]]) -> None:
    """Two threads take two mutexes in opposite orders, and the second only if they get it."""
    left, right = Mutex(m, "left"), Mutex(m, "right")

    async def worker(first: Mutex, second: Mutex) -> None:
        async with first:
            if await take(second) == 0:
                await second.unlock()

    threads = [m.spawn(worker, left, right), m.spawn(worker, right, left)]
    for thread in threads:
        await thread.join()


@scenario()
async def tried(m: Machine) -> None:
    await crossed(m, Mutex.trylock)


@scenario()
async def timed(m: Machine) -> None:
    await crossed(m, lambda mutex: mutex.timedlock(1_000_000))


@scenario()
async def tried_by_readers(m: Machine) -> None:
    """The same of read-write locks, tried for writing and for reading."""
    left, right = RWLock(m, "left"), RWLock(m, "right")

    async def worker(first: RWLock, second: RWLock) -> None:
        await first.wrlock()
        if await second.trywrlock() == 0 or await second.tryrdlock() == 0:
            await second.unlock()
        await first.unlock()

    threads = [m.spawn(worker, left, right), m.spawn(worker, right, left)]
    for thread in threads:
        await thread.join()


@pytest.mark.parametrize("program", [tried, timed, tried_by_readers], ids=lambda one: one.name)
async def test_nothing_is_predicted_of_locks_that_are_only_tried(program: Scenario) -> None:
    runs = [Logged(f"run {at}", 1, one) for at, one in enumerate(await passing(program))]
    assert runs
    assert predict(lambda: runs) == []
    (order,) = lock_order(lambda: runs).programs
    assert order.cycles == ()


async def test_a_lock_that_was_got_by_trying_is_held_all_the_same() -> None:
    @scenario()
    async def held_by_trying(m: Machine) -> None:
        left, right = Mutex(m, "left"), Mutex(m, "right")

        async def one() -> None:
            if await left.trylock() == 0:
                async with right:
                    pass
                await left.unlock()

        async def other() -> None:
            async with right, left:
                pass

        threads = [m.spawn(one), m.spawn(other)]
        for thread in threads:
            await thread.join()

    runs = [Logged(f"run {at}", 1, one) for at, one in enumerate(await passing(held_by_trying))]
    (found,) = predict(lambda: runs)
    assert found.signature.startswith("deadlock [left, right]")
