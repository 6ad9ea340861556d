"""Wait queues: who is woken is a choice, and whoever is woken tries again."""

from __future__ import annotations

from emu.engine.machine import Machine
from emu.engine.waitqueue import INTERRUPTED, TIMEOUT, WOKEN, WaitQueue
from tests.engine.programs import Lock, Script, run, trail


async def woken(script: Script | None = None) -> list[str]:
    """The order in which three waiters are woken."""

    async def program(m: Machine) -> None:
        queue = WaitQueue(m, "queue")

        async def waiter() -> None:
            await queue.park("test")

        for name in "abc":
            m.spawn(waiter, name=name)
        await m.sleep(1)
        m.note("".join(thread.name for thread in queue.wake(3)))

    return trail(await run(program, script))


async def test_the_oldest_waiter_is_woken_first() -> None:
    assert await woken() == ["main: abc"]


async def test_whom_to_wake_is_a_choice() -> None:
    probe = Script()
    await woken(probe)
    first = next(step for step, kind, _ in probe.asked if kind == "waiter")

    assert await woken(Script({(first, "waiter"): 2})) == ["main: cab"]


async def test_waking_the_only_waiter_is_no_choice() -> None:
    async def program(m: Machine) -> None:
        queue = WaitQueue(m, "queue")

        async def waiter() -> None:
            await queue.park("test")

        m.spawn(waiter)
        await m.sleep(1)
        queue.wake()

    script = Script()
    await run(program, script)

    assert "waiter" not in {kind for _, kind, _ in script.asked}


async def reason(how: str) -> list[str]:
    """Why a waiter went on that was ended in this way."""

    async def program(m: Machine) -> None:
        queue = WaitQueue(m, "queue")

        async def handler() -> None:
            m.note("handler")

        async def waiter() -> None:
            m.note(await queue.park("test", deadline=None if how != TIMEOUT else m.now + 10))

        thread = m.spawn(waiter, name="waiter")
        await m.sleep(1)
        if how == WOKEN:
            queue.wake()
        elif how == INTERRUPTED:
            m.interrupt(thread, handler)
        assert len(queue) == 0

    return trail(await run(program))


async def test_a_wait_ends_by_waking() -> None:
    assert await reason(WOKEN) == ["waiter: woken"]


async def test_a_wait_ends_at_its_deadline() -> None:
    assert await reason(TIMEOUT) == ["waiter: timeout"]


async def test_a_wait_that_is_interrupted_goes_on_after_the_handler() -> None:
    assert await reason(INTERRUPTED) == ["waiter: handler", "waiter: interrupted"]


async def test_a_wait_that_may_not_be_interrupted_is_left_alone() -> None:
    async def program(m: Machine) -> None:
        queue = WaitQueue(m, "queue")

        async def handler() -> None:
            m.note("handler")

        async def waiter() -> None:
            m.note(await queue.park("test", interruptible=False))

        thread = m.spawn(waiter, name="waiter")
        await m.sleep(1)
        m.interrupt(thread, handler)
        await m.sleep(1)
        m.note("wakes")
        queue.wake()

    assert trail(await run(program)) == ["main: wakes", "waiter: handler", "waiter: woken"]


async def test_another_thread_may_barge_in_before_the_one_that_was_woken() -> None:
    async def program(m: Machine) -> None:
        lock = Lock(m, "lock")

        async def waiter() -> None:
            await lock.lock()
            m.note("owns it")

        await lock.lock()
        m.spawn(waiter, name="waiter")
        await m.yield_now()
        await lock.unlock()
        await lock.lock()
        m.note("barged in")
        await lock.unlock()

    assert trail(await run(program)) == ["main: barged in", "waiter: owns it"]


async def test_what_is_handed_over_is_nobody_elses() -> None:
    async def program(m: Machine) -> None:
        lock = Lock(m, "lock")

        async def waiter() -> None:
            await lock.lock()
            m.note("owns it")
            await lock.unlock()

        await lock.lock()
        thread = m.spawn(waiter, name="waiter")
        await m.yield_now()
        lock.ownership.release(m.current)
        lock.ownership.reserve(thread)
        lock.queue.wake()
        await lock.lock()
        m.note("comes after")
        await lock.unlock()

    assert trail(await run(program)) == ["waiter: owns it", "main: comes after"]
