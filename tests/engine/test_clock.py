"""Virtual time: steps cost a little, sleeping costs nothing, timers come in order."""

from __future__ import annotations

from emu.engine.clock import NEVER, STEP, Clock
from emu.engine.machine import Machine
from tests.engine.programs import Script, run, trail


def made() -> Clock:
    return Clock(lambda: None)


def test_a_clock_without_timers_is_never_due() -> None:
    assert made().next() == NEVER
    assert made().due_step() == NEVER


def test_timers_are_called_in_the_order_of_their_time_then_of_their_making() -> None:
    clock, called = made(), []
    for name, when in (("late", 9), ("first", 5), ("second", 5)):
        clock.at(when, lambda name=name: called.append(name))  # type: ignore[misc]
    clock.fire(9)

    assert called == ["first", "second", "late"]


def test_a_timer_that_was_cancelled_is_not_called() -> None:
    clock, called = made(), []
    timer = clock.at(5, lambda: called.append(5))
    clock.cancel(timer)
    clock.fire(9)

    assert called == []
    assert len(clock) == 0


def test_cancelling_twice_counts_once() -> None:
    clock = made()
    clock.at(7, lambda: None)
    timer = clock.at(5, lambda: None)
    clock.cancel(timer)
    clock.cancel(timer)

    assert len(clock) == 1


def test_a_timer_is_due_at_the_first_step_that_reaches_its_time() -> None:
    clock = made()
    clock.at(2 * STEP + 1, lambda: None)

    assert clock.due_step() == 3


def test_jumping_moves_time_to_the_next_timer_and_never_back() -> None:
    clock = made()
    clock.at(50 * STEP, lambda: None)
    clock.jump(10)
    assert clock.offset == 40 * STEP

    clock.jump(60)
    assert clock.offset == 40 * STEP


async def test_a_step_takes_a_fixed_time() -> None:
    async def program(m: Machine) -> None:
        before = m.now
        await m.checkpoint()
        m.note(str(m.now - before))

    assert trail(await run(program)) == [f"main: {STEP}"]


async def test_an_hour_of_sleep_takes_a_handful_of_steps() -> None:
    async def program(m: Machine) -> None:
        await m.sleep(3_600)

    history = await run(program)

    assert history.ending.t >= 3_600 * 1_000_000_000
    assert history.steps < 10


async def test_sleepers_wake_in_the_order_of_their_deadlines() -> None:
    async def program(m: Machine) -> None:
        async def sleeper(seconds: float) -> None:
            await m.sleep(seconds)
            m.note("awake")

        for seconds in (3, 1, 2):
            m.spawn(sleeper, seconds, name=f"sleeps {seconds}")

    assert trail(await run(program)) == ["sleeps 1: awake", "sleeps 2: awake", "sleeps 3: awake"]


async def test_a_timer_may_fire_before_its_time_by_a_choice() -> None:
    async def program(m: Machine) -> None:
        async def sleeper() -> None:
            await m.sleep(1)
            m.note("awake")

        m.spawn(sleeper, name="sleeper")
        for _ in range(6):
            await m.checkpoint("work")
            m.note("works")

    script = Script({(2, "thread"): 1, (5, "timer"): 1, (5, "thread"): 1})
    order = [line.partition(":")[0] for line in trail(await run(program, script))]

    assert order.index("sleeper") < len(order) - 1


async def test_a_thread_that_sleeps_while_others_spin_wakes_when_its_time_has_come() -> None:
    async def program(m: Machine) -> None:
        async def sleeper() -> None:
            await m.sleep(STEP * 50 / 1_000_000_000)
            m.note("awake")

        m.spawn(sleeper, name="sleeper")
        await m.yield_now()
        for _ in range(200):
            await m.checkpoint("spin")
            if m.threads[1].state.name == "READY":
                break
        m.note("saw it")

    history = await run(program)

    assert trail(history)[0] == "main: saw it"
    assert 50 * STEP <= history.ending.t < 70 * STEP
