"""The watchdog alone: long lock waits, silence, steps; and its settings."""

from __future__ import annotations

from typing import Any

import pytest

from emu.engine.machine import Machine
from emu.engine.waitqueue import WaitQueue
from emu.engine.watchdog import SECOND, Limits, limits_from
from emu.errors import UsageError
from tests.engine.programs import Lock, Script, inversion, run

WATCHDOG_ALONE = Limits(graph=False)


async def test_a_deadlock_is_found_by_the_watchdog_alone() -> None:
    history = await run(inversion, limits=WATCHDOG_ALONE)

    assert history.outcome.name == "stalled"
    assert "has waited for" in history.outcome.reason
    assert history.outcome.reason.endswith("for 5s, the limit for a lock")


async def test_its_report_says_who_waits_how_long_for_what_held_by_whom_since_where() -> None:
    history = await run(inversion, limits=WATCHDOG_ALONE)
    (finding,) = history.findings
    first, second = finding.cycle

    assert {(one.thread, one.waits_for, one.held_by) for one in (first, second)} == {
        ("T1", "right", ("T2",)),
        ("T2", "left", ("T1",)),
    }
    assert history.ending.t - min(first.since, second.since) == 5 * SECOND
    assert first.held_since.startswith("programs.py:")
    assert finding.sentence == history.outcome.reason


async def test_a_deadlock_beside_a_thread_that_ticks_on_is_found_too() -> None:
    async def program(m: Machine) -> None:
        async def ticker() -> None:
            while True:
                await m.sleep(1)

        m.spawn(ticker, name="ticker")
        await inversion(m)

    assert (await run(program, limits=WATCHDOG_ALONE)).outcome.name == "stalled"


async def test_a_lock_whose_holder_has_left_is_found() -> None:
    async def program(m: Machine) -> None:
        lock = Lock(m, "lock")

        async def leaves() -> None:
            await lock.lock()

        await m.spawn(leaves, name="leaver").join()
        await lock.lock()

    history = await run(program)

    assert history.outcome.name == "stalled"
    assert history.findings[0].cycle[0].held_by == ("leaver",)


async def test_a_lost_wake_up_is_silence() -> None:
    async def program(m: Machine) -> None:
        queue = WaitQueue(m, "condition")
        queue.wake()
        await queue.park("cond")

    history = await run(program)

    assert history.outcome.name == "stalled"
    assert history.outcome.reason == "no thread can ever run again: main waits for condition"


async def test_a_thread_left_behind_by_main_is_a_leak() -> None:
    async def program(m: Machine) -> None:
        async def left() -> None:
            await WaitQueue(m, "condition").park("cond")

        m.spawn(left, name="left")

    history = await run(program)

    assert history.outcome.name == "leak"
    assert [one.thread for one in history.findings[0].blocked] == ["left"]


async def test_silence_is_unknown_where_its_watchdog_is_off() -> None:
    async def program(m: Machine) -> None:
        await WaitQueue(m, "condition").park("cond")

    history = await run(program, limits=Limits(silence=False))

    assert history.outcome.name == "unknown"
    assert history.findings == ()


async def test_threads_that_are_all_suspended_are_stalled() -> None:
    async def program(m: Machine) -> None:
        m.suspend(m.current)
        await m.checkpoint()

    history = await run(program)

    assert history.outcome.name == "stalled"
    assert "stopped for ever" in history.outcome.reason


async def test_a_livelock_uses_up_its_steps_and_is_unknown() -> None:
    async def program(m: Machine) -> None:
        while True:
            await m.checkpoint()

    history = await run(program, limits=Limits(steps=300))

    assert history.outcome.name == "unknown"
    assert history.outcome.reason == "the run used up its 300 steps (watchdog.steps)"
    assert history.steps == 300


async def test_nothing_is_asked_once_the_steps_are_used_up() -> None:
    async def program(m: Machine) -> None:
        async def child() -> None:
            while True:
                await m.checkpoint()

        m.spawn(child)
        await child()

    script = Script()
    await run(program, script, Limits(steps=50))

    assert max(step for step, _, _ in script.asked) < 50


async def test_timers_that_wake_nobody_use_up_steps_too() -> None:
    async def program(m: Machine) -> None:
        def again() -> None:
            m.clock.at(m.now + SECOND, again)

        again()
        await WaitQueue(m, "condition").park("cond")

    assert (await run(program, limits=Limits(steps=300))).outcome.name == "unknown"


def test_limits_are_read_from_a_table() -> None:
    assert limits_from({"lock_wait": "2s", "steps": 500, "graph": False}) == Limits(
        lock_wait=2 * SECOND, steps=500, graph=False
    )


KEYS = "lock_wait, steps, real, threads, silence, graph"
DURATIONS = (
    "a number of seconds, or a text such as '5s' with one of the units ns, us, ms, s, min, h"
)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"lockwait": "2s"}, f"watchdog: unknown key 'lockwait'; known are {KEYS}"),
        ({"graph": 1}, "watchdog.graph is 1; allowed are true and false"),
        ({"steps": 0}, "watchdog.steps is 0; allowed is a whole number from 1"),
        ({"steps": "many"}, "watchdog.steps is 'many'; allowed is a whole number from 1"),
        ({"real": "5 parsecs"}, f"watchdog.real is '5 parsecs'; allowed is {DURATIONS}"),
    ],
)
def test_a_wrong_limit_is_answered_with_what_is_allowed(
    values: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UsageError) as caught:
        limits_from(values)

    assert str(caught.value) == sentence


async def test_time_that_a_choice_skipped_does_not_count_against_a_lock() -> None:
    """The holder could run all the while: it was the choice that let a minute pass."""

    async def program(m: Machine) -> None:
        lock = Lock(m, "lock")

        async def waiter() -> None:
            async with lock:
                pass

        async def ticker() -> None:
            await m.sleep(60)
            m.note("a minute later")

        m.spawn(ticker)
        await lock.lock()
        m.spawn(waiter)
        await m.yield_now()
        while m.threads[1].state.name != "DONE":
            await m.yield_now()
        await m.sleep(0.001)
        await lock.unlock()

    class Hurries(Script):
        def timer(self, step: int) -> int:
            return int(step > 12)

    history = await run(program, Hurries())

    assert history.ending.t > 60 * SECOND
    assert history.outcome.name == "ok"
