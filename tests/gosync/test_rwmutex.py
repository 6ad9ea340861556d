"""The read-write lock: writers first, then all readers that wait."""

from __future__ import annotations

from typing import Any

import pytest

from emu.engine.machine import Machine
from emu.gosync.rwmutex import RWMutex
from tests.engine.programs import run, trail


async def ended(program: Any) -> str:
    return (await run(program)).outcome.name


async def reader(m: Machine, lock: RWMutex) -> None:
    await lock.rlock()
    m.note("reads")
    await lock.runlock()


async def writer(m: Machine, lock: RWMutex) -> None:
    await lock.lock()
    m.note("writes")
    await lock.unlock()


async def test_readers_share_it() -> None:
    async def program(m: Machine) -> None:
        lock = RWMutex(m, "lock")
        await lock.rlock()
        await m.spawn(reader, m, lock).join()
        await lock.runlock()

    assert await ended(program) == "ok"


async def test_a_reader_waits_behind_a_writer_that_waits() -> None:
    async def program(m: Machine) -> None:
        lock = RWMutex(m, "lock")
        await lock.rlock()
        m.spawn(writer, m, lock, name="w")
        await m.sleep(1)
        m.spawn(reader, m, lock, name="r")
        await m.sleep(1)
        await lock.runlock()

    assert trail(await run(program)) == ["w: writes", "r: reads"]


async def test_even_a_reader_that_reads_already_waits_behind_a_writer() -> None:
    async def program(m: Machine) -> None:
        lock = RWMutex(m, "lock")
        await lock.rlock()
        m.spawn(writer, m, lock, name="w")
        await m.sleep(1)
        await lock.rlock()

    history = await run(program)

    assert history.outcome.name == "deadlock"
    assert [one.thread for one in history.findings[0].cycle] == ["w", "main"]


async def test_all_readers_that_wait_go_before_the_next_writer() -> None:
    async def program(m: Machine) -> None:
        lock = RWMutex(m, "lock")
        await lock.lock()
        m.spawn(writer, m, lock, name="w")
        m.spawn(reader, m, lock, name="r1")
        m.spawn(reader, m, lock, name="r2")
        await m.sleep(1)
        await lock.unlock()

    assert trail(await run(program)) == ["r1: reads", "r2: reads", "w: writes"]


async def test_who_is_admitted_has_the_lock_from_that_step_on() -> None:
    async def program(m: Machine) -> None:
        lock = RWMutex(m, "lock")
        await lock.lock()
        m.spawn(writer, m, lock, name="w")
        await m.sleep(1)
        await lock.unlock()

    history = await run(program)
    last = [event for event in history.events if event.event == "lock.acquire"][-1]
    released = next(event for event in history.events if event.event == "lock.release")

    assert (last.thread, last.step) == ("w", released.step)
    assert last.fields["held_by"] == "main"


async def test_anybody_may_unlock_it() -> None:
    async def program(m: Machine) -> None:
        lock = RWMutex(m, "lock")
        await lock.lock()
        await m.spawn(lock.unlock).join()
        await lock.rlock()
        await m.spawn(lock.runlock).join()
        await lock.lock()

    assert await ended(program) == "ok"


@pytest.mark.parametrize("operation", ["unlock", "runlock"])
async def test_unlocking_what_is_not_locked_panics(operation: str) -> None:
    async def program(m: Machine) -> None:
        await getattr(RWMutex(m, "lock"), operation)()

    assert await ended(program) == "panic"
