"""Ownership: one thread at a time, and trio keeps nothing of a thread that has ended."""

from __future__ import annotations

from typing import Any

from trio._core._parking_lot import GLOBAL_PARKING_LOT_BREAKER

from emu.engine.carrier import open_carriers
from emu.engine.chooser import Chooser
from emu.engine.machine import Machine
from emu.engine.ownership import Ownership
from tests.engine.programs import Program, made, run


async def kept_by_trio(program: Program) -> int:
    """How many locks trio still knows of after a run, while the carriers live on."""
    async with open_carriers() as carriers:
        await Machine(made(program), Chooser(), carriers).run()
        return sum(map(len, GLOBAL_PARKING_LOT_BREAKER.values()))


async def test_a_second_thread_may_not_own_what_one_owns() -> None:
    async def program(m: Machine) -> None:
        thing = Ownership("thing")

        async def other() -> None:
            assert not thing.acquire(m.current)

        assert thing.acquire(m.current)
        assert m.current.holds == [thing]
        await m.spawn(other).join()

    assert (await run(program)).outcome.name == "ok"


async def test_the_owner_itself_may_not_own_it_twice() -> None:
    async def program(m: Machine) -> None:
        thing = Ownership("thing")
        assert thing.acquire(m.current)
        assert not thing.acquire(m.current)

    assert (await run(program)).outcome.name == "ok"


async def owned_by_one_released_by_another(m: Machine) -> None:
    thing = Ownership("thing")

    async def other() -> None:
        thing.release(m.current)
        assert thing.acquire(m.current)
        thing.release(m.current)

    thing.acquire(m.current)
    await m.spawn(other).join()
    assert m.current.holds == []
    assert thing.acquire(m.current)
    thing.release(m.current)


async def test_another_thread_may_release_on_behalf_of_the_owner() -> None:
    assert (await run(owned_by_one_released_by_another)).outcome.name == "ok"


async def owner_has_left(m: Machine) -> None:
    thing = Ownership("thing")

    async def owner() -> None:
        thing.acquire(m.current)

    thread = m.spawn(owner)
    await thread.join()
    assert not thing.acquire(m.current)
    assert thing.holders() == (thread,)
    thing.release(m.current)
    assert thing.acquire(m.current)
    thing.release(m.current)


async def test_what_a_thread_owns_when_it_ends_stays_its_own() -> None:
    assert (await run(owner_has_left)).outcome.name == "ok"


async def test_trio_keeps_no_lock_of_a_thread_that_has_ended() -> None:
    async def keeps(m: Machine) -> None:
        Ownership("thing").acquire(m.current)

    for program in (keeps, owned_by_one_released_by_another, owner_has_left):
        assert await kept_by_trio(program) == 0


async def test_trio_keeps_no_lock_of_a_run_that_has_ended() -> None:
    async def deadlock(m: Machine) -> None:
        async def child(*things: Any) -> None:
            for thing in things:
                thing.acquire(m.current)
                await m.sleep(1)

        things = [Ownership("left"), Ownership("right")]
        m.spawn(child, *things)
        m.spawn(child, *reversed(things))
        await m.sleep(0.5)
        raise AssertionError

    assert await kept_by_trio(deadlock) == 0
