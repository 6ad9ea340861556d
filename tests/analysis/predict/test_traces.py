"""From the events of a run to deadlocks that it did not have."""

from __future__ import annotations

import pytest

from emu.analysis.predict.goodlock import goodlock
from emu.analysis.predict.syncpreserving import sync_preserving
from emu.analysis.predict.trace import ACQUIRE, REQUEST, Trace, trace_of
from emu.engine.machine import Machine
from emu.engine.scenario import Scenario, scenario
from emu.posix.memory import Word
from emu.posix.mutex import Mutex
from emu.record.history import History
from emu.scenarios.classics import lock_order_inversion, philosophers
from tests.analysis.predict.runs import passing, runs_of


async def trace(program: Scenario, outcome: str = "ok") -> Trace:
    history = next(one for one in await runs_of(program) if one.outcome.name == outcome)
    return trace_of(history.shapes)


@pytest.mark.parametrize("program", [lock_order_inversion, philosophers], ids=lambda p: p.name)
async def test_a_passing_run_shows_the_deadlock_of(program: Scenario) -> None:
    passed = await trace(program)
    assert len(sync_preserving(passed)) == len(goodlock(passed)) == 1


async def test_who_waits_for_ever_takes_part() -> None:
    passed = await trace(lock_order_inversion, "deadlock")
    assert [op.kind for op in passed.ops if op.kind in (ACQUIRE, REQUEST)] == [
        ACQUIRE,
        ACQUIRE,
        REQUEST,
        REQUEST,
    ]
    assert len(sync_preserving(passed)) == 1


async def two(m: Machine, *, gate: bool = False, apart: bool = False) -> None:
    """Two threads with opposite orders; under a common lock, or one after the other."""
    outer, left, right = Mutex(m, "gate"), Mutex(m, "left"), Mutex(m, "right")

    async def worker(first: Mutex, second: Mutex) -> None:
        if gate:
            await outer.lock()
        async with first, second:
            pass
        if gate:
            await outer.unlock()

    one = m.spawn(worker, left, right)
    if apart:
        await one.join()
    await m.spawn(worker, right, left).join()


@scenario()
async def gated(m: Machine) -> None:
    await two(m, gate=True)


@scenario()
async def apart(m: Machine) -> None:
    await two(m, apart=True)


@pytest.mark.parametrize("program", [gated, apart], ids=lambda p: p.name)
async def test_nothing_is_predicted_where_a_lock_or_a_life_keeps_them(program: Scenario) -> None:
    assert goodlock(await trace(program)) == []


@scenario()
async def told(m: Machine) -> None:
    """The second order is used only once the first is seen to be over."""
    left, right, flag = Mutex(m, "left"), Mutex(m, "right"), Word(m, "flag")

    async def first() -> None:
        async with left, right:
            pass
        await flag.store(1)

    async def second() -> None:
        if await flag.load():
            async with right, left:
                pass

    m.spawn(first)
    m.spawn(second)


async def test_what_a_word_keeps_apart_is_possible_for_goodlock_and_not_certain() -> None:
    for history in [one for one in await passing(told) if "right" in locks_of("T2", one)]:
        seen = trace_of(history.shapes)
        assert len(goodlock(seen)) == 1
        assert sync_preserving(seen) == []
        return
    raise AssertionError("no run had both orders")


def locks_of(thread: str, history: History) -> set[str]:
    return {one.object for one in history.events if one.thread == thread}
