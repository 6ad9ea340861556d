"""The mutex: who waits is no choice, who may unlock, what a destroyed one does."""

from __future__ import annotations

from typing import Any

import pytest

from emu.engine.machine import Machine
from emu.gosync.channel import Channel
from emu.gosync.mutex import Mutex
from tests.engine.programs import Script, run, trail


async def ended(program: Any) -> str:
    return (await run(program)).outcome.name


async def test_it_excludes() -> None:
    async def program(m: Machine) -> None:
        mutex = Mutex(m, "mutex")

        async def worker() -> None:
            async with mutex:
                m.note("in")
                await m.yield_now()
                m.note("out")

        m.spawn(worker)
        m.spawn(worker)

    said = [line.partition(": ")[2] for line in trail(await run(program))]

    assert said == ["in", "out", "in", "out"]


async def test_a_thread_that_wants_a_held_mutex_is_no_choice() -> None:
    async def program(m: Machine) -> None:
        mutex = Mutex(m, "mutex")
        await mutex.lock()
        m.spawn(mutex.lock)
        await m.yield_now()
        await m.checkpoint("alone")

    script = Script()
    history = await run(program, script)
    waits = next(event.step for event in history.events if event.event == "lock.wait")

    assert [step for step, kind, _ in script.asked if kind == "thread" and step > waits] == []


async def test_who_locks_it_again_waits_for_itself() -> None:
    async def program(m: Machine) -> None:
        mutex = Mutex(m, "mutex")
        await mutex.lock()
        await mutex.lock()

    assert await ended(program) == "deadlock"


async def test_anybody_may_unlock_it() -> None:
    async def program(m: Machine) -> None:
        mutex = Mutex(m, "mutex")
        await mutex.lock()
        await m.spawn(mutex.unlock).join()
        await mutex.lock()

    assert await ended(program) == "ok"


async def test_unlocking_a_free_one_panics() -> None:
    async def program(m: Machine) -> None:
        await Mutex(m, "mutex").unlock()

    assert await ended(program) == "panic"


async def test_a_checked_one_may_be_unlocked_by_its_owner_alone() -> None:
    async def program(m: Machine) -> None:
        mutex = Mutex(m, "mutex", checked=True)
        await mutex.lock()
        m.spawn(mutex.unlock, name="other")

    history = await run(program)

    assert history.outcome.reason.startswith("other: panic: unlock of a mutex that main holds")


async def test_a_try_takes_it_or_says_no() -> None:
    async def program(m: Machine) -> None:
        mutex = Mutex(m, "mutex")
        assert await mutex.try_lock()
        assert not await mutex.try_lock()

    assert await ended(program) == "ok"


@pytest.mark.parametrize("operation", ["lock", "try_lock", "unlock"])
async def test_no_operation_is_allowed_on_a_destroyed_one(operation: str) -> None:
    async def program(m: Machine) -> None:
        mutex = Mutex(m, "mutex")
        if operation == "unlock":
            await mutex.lock()
        await mutex.destroy()
        await getattr(mutex, operation)()

    assert await ended(program) == "panic"


async def test_who_waits_for_one_that_is_destroyed_panics() -> None:
    async def program(m: Machine) -> None:
        mutex = Mutex(m, "mutex")
        await mutex.lock()
        m.spawn(mutex.lock, name="waiter")
        await m.yield_now()
        await mutex.destroy()

    history = await run(program)

    assert history.outcome.reason.startswith("waiter: panic: lock of a destroyed mutex: mutex")


async def test_an_acquisition_says_for_how_long_it_waited() -> None:
    async def program(m: Machine) -> None:
        mutex = Mutex(m, "mutex")
        await mutex.lock()
        m.spawn(mutex.lock)
        await m.sleep(1)
        await mutex.unlock()

    history = await run(program)
    last = [event for event in history.events if event.event == "lock.acquire"][-1]

    assert last.fields["contended"]
    assert last.fields["waited"] >= 1_000_000_000


async def test_a_lock_whose_owner_waits_for_a_channel_leaks_when_main_is_gone() -> None:
    async def program(m: Machine) -> None:
        mutex = Mutex(m, "mutex")

        async def keeper() -> None:
            async with mutex:
                await Channel(m, "channel").receive()

        m.spawn(keeper, name="keeper")
        m.spawn(mutex.lock, name="waiter")

    history = await run(program)

    assert history.outcome.name == "leak"
    assert history.findings[0].threads == ("keeper", "waiter")
