"""The wait group, and what is done once."""

from __future__ import annotations

from emu.engine.machine import Machine
from emu.gosync.once import Once
from emu.gosync.waitgroup import WaitGroup
from tests.engine.programs import run, trail


async def test_a_wait_ends_when_the_counter_is_zero() -> None:
    async def program(m: Machine) -> None:
        group = WaitGroup(m, "group")
        await group.add(2)

        async def worker() -> None:
            m.note("works")
            await group.done()

        m.spawn(worker, name="a")
        m.spawn(worker, name="b")
        await group.wait()
        m.note("waited")

    assert trail(await run(program)) == ["a: works", "b: works", "main: waited"]


async def test_a_wait_for_a_counter_at_zero_is_over_at_once() -> None:
    async def program(m: Machine) -> None:
        await WaitGroup(m, "group").wait()

    assert (await run(program)).outcome.name == "ok"


async def test_a_counter_below_zero_panics() -> None:
    async def program(m: Machine) -> None:
        await WaitGroup(m, "group").done()

    history = await run(program)

    assert history.outcome.reason.startswith("main: panic: negative wait group counter: group")


async def test_a_wait_that_nobody_ends_names_the_group() -> None:
    async def program(m: Machine) -> None:
        group = WaitGroup(m, "group")
        await group.add()
        await group.wait()

    history = await run(program)

    assert history.outcome.name == "stalled"
    assert history.findings[0].objects == ("group",)


async def test_once_is_done_once_and_all_wait_for_it() -> None:
    async def program(m: Machine) -> None:
        once = Once(m, "once")

        async def task() -> None:
            m.note("begins")
            await m.yield_now()
            m.note("ends")

        async def worker() -> None:
            await once.do(task)
            m.note("goes on")

        m.spawn(worker, name="a")
        m.spawn(worker, name="b")

    said = trail(await run(program))

    assert said[:2] == ["a: begins", "a: ends"]
    assert sorted(said[2:]) == ["a: goes on", "b: goes on"]


async def test_who_asks_for_it_while_he_does_it_waits_for_himself() -> None:
    async def program(m: Machine) -> None:
        once = Once(m, "once")

        async def task() -> None:
            await once.do(task)

        await once.do(task)

    assert (await run(program)).outcome.name == "deadlock"


async def test_what_raised_counts_as_done() -> None:
    async def program(m: Machine) -> None:
        once = Once(m, "once")

        async def task() -> None:
            raise ValueError

        try:
            await once.do(task)
        except ValueError:
            m.note("raised")
        await once.do(task)

    assert trail(await run(program)) == ["main: raised"]
