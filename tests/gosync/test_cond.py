"""The condition variable: one step to sleep, one of another's to wake, one to own the mutex."""

from __future__ import annotations

import pytest

from emu.engine.machine import Machine
from emu.gosync.cond import Cond
from emu.gosync.mutex import Mutex
from tests.engine.programs import Script, run, trail


class Room:
    """Threads that wait for one condition under one mutex."""

    def __init__(self, m: Machine, waiters: str) -> None:
        self.m = m
        self.mutex, self.cond = Mutex(m, "mutex"), Cond(m, "cond")
        self.threads = [m.spawn(self.wait, name=name) for name in waiters]

    async def wait(self) -> None:
        async with self.mutex:
            assert await self.cond.wait(self.mutex)
            self.m.note("woken")


async def test_a_signal_wakes_who_has_waited_longest() -> None:
    async def program(m: Machine) -> None:
        room = Room(m, "ab")
        await m.sleep(1)
        await room.cond.signal()

    history = await run(program)

    assert trail(history) == ["a: woken"]
    assert history.outcome.name == "leak"


async def test_a_broadcast_wakes_all() -> None:
    async def program(m: Machine) -> None:
        room = Room(m, "abc")
        await m.sleep(1)
        await room.cond.broadcast()

    assert trail(await run(program)) == ["a: woken", "b: woken", "c: woken"]


async def test_a_signal_is_not_remembered() -> None:
    async def program(m: Machine) -> None:
        mutex, cond = Mutex(m, "mutex"), Cond(m, "cond")
        await cond.signal()
        async with mutex:
            await cond.wait(mutex)

    assert (await run(program)).outcome.name == "stalled"


async def test_who_is_woken_while_the_mutex_is_held_is_no_choice() -> None:
    async def program(m: Machine) -> None:
        room = Room(m, "a")
        await m.sleep(1)
        async with room.mutex:
            await room.cond.signal()
            m.note("signalled")
            await m.checkpoint("more")

    script = Script()
    history = await run(program, script)
    notes = {event.fields["text"]: event.step for event in history.events if event.event == "note"}
    released = next(
        event.step
        for event in history.events
        if event.event == "lock.release" and event.step > notes["signalled"]
    )
    asked = [step for step, kind, _ in script.asked if kind == "thread"]

    assert not [step for step in asked if notes["signalled"] < step <= released]
    assert trail(history) == ["main: signalled", "a: woken"]


async def test_a_wait_without_the_mutex_panics() -> None:
    async def program(m: Machine) -> None:
        await Cond(m, "cond").wait(Mutex(m, "mutex"))

    assert (await run(program)).outcome.name == "panic"


async def test_a_timed_wait_ends_by_itself_and_owns_the_mutex() -> None:
    async def program(m: Machine) -> None:
        mutex, cond = Mutex(m, "mutex"), Cond(m, "cond")
        async with mutex:
            assert not await cond.wait(mutex, 1.0)
            assert mutex.ownership.owner is m.current

    history = await run(program)

    assert history.outcome.name == "ok"
    assert history.events[-1].t >= 1_000_000_000


async def test_a_timed_wait_may_be_woken_before() -> None:
    async def program(m: Machine) -> None:
        mutex, cond = Mutex(m, "mutex"), Cond(m, "cond")
        async with mutex:
            m.spawn(cond.signal)
            assert await cond.wait(mutex, 1.0)

    assert (await run(program)).outcome.name == "ok"


@pytest.mark.parametrize("seconds", [-1.0, float("nan")])
async def test_a_time_that_makes_no_sense_is_refused(seconds: float) -> None:
    async def program(m: Machine) -> None:
        await Cond(m, "cond").wait(Mutex(m, "mutex"), seconds)

    history = await run(program)

    assert history.outcome.name == "crash"
    assert "allowed is from 0" in history.outcome.reason
