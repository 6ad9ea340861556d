"""The wait-for graph: a cycle is a deadlock, at once, whatever else runs."""

from __future__ import annotations

import pytest

from emu.engine.machine import Machine
from emu.engine.watchdog import Limits
from tests.engine.programs import Lock, inversion, run

GRAPH_ALONE = Limits(lock_wait=0, silence=False)


async def test_a_cycle_of_two_is_found_by_the_graph_alone() -> None:
    history = await run(inversion, limits=GRAPH_ALONE)

    assert history.outcome.name == "deadlock"
    assert history.outcome.reason == (
        "T2 waits for left, T1 waits for right: each held by the next"
    )


async def test_the_cycle_says_who_waits_for_what_held_by_whom_since_where() -> None:
    (finding,) = (await run(inversion, limits=GRAPH_ALONE)).findings
    first, second = finding.cycle

    assert (first.thread, first.waits_for, first.held_by) == ("T2", "left", ("T1",))
    assert (second.thread, second.waits_for, second.held_by) == ("T1", "right", ("T2",))
    assert first.at.startswith("programs.py:")
    assert first.held_since.startswith("programs.py:")
    assert first.at != first.held_since


async def test_a_thread_that_waits_for_itself_is_a_cycle_of_one() -> None:
    async def program(m: Machine) -> None:
        lock = Lock(m, "lock")
        await lock.lock()
        await lock.lock()

    history = await run(program, limits=GRAPH_ALONE)

    assert history.outcome.name == "deadlock"
    assert history.outcome.reason == "main waits for lock, which it holds itself"


async def test_a_cycle_is_found_while_another_thread_ticks_on() -> None:
    async def program(m: Machine) -> None:
        async def ticker() -> None:
            while True:
                await m.sleep(1)

        m.spawn(ticker, name="ticker")
        await inversion(m)

    history = await run(program, limits=GRAPH_ALONE)

    assert history.outcome.name == "deadlock"
    assert history.steps < 100


async def test_threads_that_join_each_other_are_a_cycle() -> None:
    async def program(m: Machine) -> None:
        async def child() -> None:
            await main.join()

        main = m.current
        await m.spawn(child, name="child").join()

    history = await run(program, limits=GRAPH_ALONE)

    assert history.outcome.name == "deadlock"
    assert {one.thread for one in history.findings[0].cycle} == {"main", "child"}


async def test_a_wait_with_a_deadline_is_no_edge() -> None:
    async def program(m: Machine) -> None:
        lock = Lock(m, "lock")

        async def other() -> None:
            async with lock:
                await m.sleep(3)

        m.spawn(other)
        await m.yield_now()
        async with lock:
            pass

    assert (await run(program, limits=GRAPH_ALONE)).outcome.name == "ok"


@pytest.mark.parametrize("size", [3, 5])
async def test_a_cycle_may_have_any_length(size: int) -> None:
    async def program(m: Machine) -> None:
        forks = [Lock(m, f"fork {i}") for i in range(size)]

        async def philosopher(left: Lock, right: Lock) -> None:
            async with left:
                await m.sleep(1)
                async with right:
                    pass

        for i in range(size):
            m.spawn(philosopher, forks[i], forks[(i + 1) % size])

    history = await run(program, limits=GRAPH_ALONE)

    assert history.outcome.name == "deadlock"
    assert len(history.findings[0].cycle) == size


async def test_whoever_waits_outside_the_cycle_is_listed_apart() -> None:
    async def program(m: Machine) -> None:
        async def bystander() -> None:
            await m.sleep(10)

        m.spawn(bystander, name="bystander")
        await inversion(m)

    (finding,) = (await run(program, limits=GRAPH_ALONE)).findings

    assert [one.thread for one in finding.blocked] == ["bystander"]


async def test_the_signature_of_a_cycle_does_not_depend_on_who_closed_it() -> None:
    async def mirrored(m: Machine) -> None:
        left, right = Lock(m, "left"), Lock(m, "right")

        async def worker(first: Lock, second: Lock, seconds: float) -> None:
            async with first:
                await m.sleep(seconds)
                async with second:
                    pass

        m.spawn(worker, left, right, closes[0])
        m.spawn(worker, right, left, closes[1])

    closes = (1, 2)
    one = (await run(mirrored)).findings[0].signature
    closes = (2, 1)
    other = (await run(mirrored)).findings[0].signature

    assert one == other
