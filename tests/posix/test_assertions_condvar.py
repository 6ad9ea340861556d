"""Assertions about condition variables, each by its id."""

from __future__ import annotations

import pytest

from emu.engine.waitqueue import SPURIOUS
from emu.posix.action import Action
from emu.posix.cancellation import Cancellation
from emu.posix.condvar import Condition
from emu.posix.mutex import KINDS, Mutex
from emu.posix.threads import CANCELED, Pthreads
from emu.posix.timespec import Timespec
from tests.posix.harness import SECOND, Calls, Row, Table, at, near, run, storm

table = Table()
FAR = 1000 * SECOND


async def waiting(m, p, mutex, condition, body, *, timed=False, name="T"):
    """A thread that waits on the condition with the mutex, then runs `body`."""

    async def waiter():
        assert await mutex.lock() == 0
        wait = condition.timedwait(mutex, FAR) if timed else condition.wait(mutex)
        number = await wait
        assert mutex.owner is m.current
        await body(number)
        assert await mutex.unlock() == 0

    return await p.thr_new(waiter, name=name)


for row in (
    "pthread_cond_init/1-1",
    "pthread_cond_init/2-1",
    "pthread_cond_destroy/1-1",
    "pthread_cond_destroy/3-1",
    "pthread_cond_signal/4-1",
):

    @table.row(row, seeds=0)
    async def usable_without_waiters(m, p):
        condition = Condition(m, "c")
        assert await condition.signal() == 0
        assert await condition.broadcast() == 0
        assert condition.destroy() == 0


@table.row("a signal without waiters is not remembered", "stalled", seeds=0)
async def signal_is_not_remembered(m, p):
    mutex, condition = Mutex(m, "x"), Condition(m, "c")
    await condition.signal()
    async with mutex:
        await condition.wait(mutex)


@table.row("pthread_cond_wait/1-1", seeds=20)
async def wait_blocks_and_gives_the_mutex_up(m, p):
    mutex, condition = Mutex(m, "x"), Condition(m, "c")
    returned = []

    async def body(number):
        returned.append(number)

    thread = await waiting(m, p, mutex, condition, body)
    await m.sleep(1)
    assert await mutex.lock() == 0
    assert not returned
    assert await condition.signal() == 0
    assert await mutex.unlock() == 0
    await thread.join()
    assert returned == [0]


for row, timed in (("pthread_cond_wait/2-2", False), ("pthread_cond_timedwait/2-4", True)):

    @table.row(row, each=[(kind, timed) for kind in KINDS], seeds=10)
    async def woken_waits_for_the_mutex(m, p, item):
        kind, timed = item
        mutex, condition = Mutex(m, "x", kind), Condition(m, "c")
        returned = []

        async def body(number):
            returned.append(m.now)

        thread = await waiting(m, p, mutex, condition, body, timed=timed)
        await m.sleep(1)
        await mutex.lock()
        await condition.signal()
        await m.sleep(1)
        assert not returned
        await mutex.unlock()
        await thread.join()
        assert len(returned) == 1


for row, timed in (
    ("pthread_cond_wait/3-1", False),
    ("pthread_cond_timedwait/1-1", True),
    ("pthread_cond_timedwait/3-1", True),
    ("pthread_cond_signal/2-1", False),
):

    @table.row(row, each=[timed])
    async def wait_succeeds_owning_the_mutex(m, p, timed):
        mutex, condition = Mutex(m, "x"), Condition(m, "c")

        async def body(number):
            assert number == 0

            async def other():
                assert await mutex.trylock() == p.kernel.errno("EBUSY")

            await (await p.thr_new(other)).join()

        thread = await waiting(m, p, mutex, condition, body, timed=timed)
        await m.sleep(1)
        await condition.signal()
        await thread.join()
        assert m.now < 2 * SECOND


for row, timed in (("pthread_cond_wait/4-1", False), ("pthread_cond_timedwait/4-3", True)):

    @table.row(row, each=[timed], seeds=60)
    async def wait_never_eintr(m, p, timed):
        mutex, condition = Mutex(m, "x"), Condition(m, "c")
        calls = Calls()
        done: list[bool] = []
        numbers: list[int] = []
        await p.sigaction("SIGUSR1", Action(calls))

        async def body(number):
            numbers.append(number)

        thread = await waiting(m, p, mutex, condition, body, timed=timed, name="W")
        await p.thr_new(storm, m, p, [thread], done)
        for _ in range(10):
            await m.yield_now()
        while not numbers:
            await condition.signal()
            await m.yield_now()
        done.append(True)
        await thread.join()
        assert numbers == [0]


@table.row("handlers run during the wait, without the mutex", seeds=10)
async def handlers_run_during_the_wait(m, p):
    mutex, condition = Mutex(m, "x"), Condition(m, "c")
    owners = []

    async def handler(info, context):
        owners.append((context.thread.name, mutex.owner))

    async def body(number):
        assert len(owners) == 1

    await p.sigaction("SIGUSR1", Action(handler))
    thread = await waiting(m, p, mutex, condition, body)
    await m.sleep(1)
    await p.pthread_kill(thread, "SIGUSR1")
    await m.sleep(1)
    assert owners == [("T", None)]
    await condition.signal()
    await thread.join()


@table.row("a signal that comes while the waiter runs a handler is not lost", seeds=30)
async def signal_during_a_handler(m, p):
    mutex, condition = Mutex(m, "x"), Condition(m, "c")
    inside = []

    async def handler(info, context):
        inside.append(True)
        await p.sigprocmask("SIG_BLOCK", p.kernel.empty())
        await m.sleep(2)

    async def body(number):
        assert number == 0

    await p.sigaction("SIGUSR1", Action(handler))
    thread = await waiting(m, p, mutex, condition, body)
    await m.sleep(1)
    await p.pthread_kill(thread, "SIGUSR1")
    await m.sleep(1)
    assert inside
    await condition.signal()
    await thread.join()


for row in ("pthread_cond_timedwait/2-2", "pthread_cond_timedwait/4-1"):

    @table.row(row, seeds=10)
    async def timedwait_times_out(m, p):
        mutex, condition = Mutex(m, "x"), Condition(m, "c")
        await mutex.lock()
        number = await condition.timedwait(mutex, Timespec(2))
        assert number == p.kernel.errno("ETIMEDOUT")
        assert near(m, 2)
        assert mutex.owner is m.current
        assert await condition.signal() == 0
        assert await condition.timedwait(mutex, Timespec(1)) == p.kernel.errno("ETIMEDOUT")
        assert near(m, 2)


@table.row("bad nsec is refused and the mutex never given up", each=[-1, 10**9], seeds=0)
async def timedwait_refuses_bad_times(m, p, nsec):
    mutex, condition = Mutex(m, "x"), Condition(m, "c")
    await mutex.lock()
    assert await condition.timedwait(mutex, Timespec(1, nsec)) == p.kernel.errno("EINVAL")
    assert mutex.owner is m.current


@table.row("a checking mutex that is not owned is refused", seeds=0)
async def wait_needs_the_mutex(m, p):
    mutex, condition = Mutex(m, "x", "errorcheck"), Condition(m, "c")
    assert await condition.wait(mutex) == p.kernel.errno("EPERM")


@table.row("pthread_cond_timedwait/2-6", each=[True], seeds=20)
@table.row("a cancelled waiter owns the mutex before its clean-up", each=[False], seeds=20)
async def cancelled_waiter_owns_the_mutex(m, p, timed):
    threads, cancellation = m.service(Pthreads), m.service(Cancellation)
    mutex, condition = Mutex(m, "x"), Condition(m, "c")
    owners = []

    async def cleanup():
        owners.append(mutex.owner)
        await mutex.unlock()

    async def waiter():
        await mutex.lock()
        threads.cleanup_push(cleanup)
        wait = condition.timedwait(mutex, FAR) if timed else condition.wait(mutex)
        await wait
        raise AssertionError

    thread = await threads.create(waiter)
    await m.sleep(1)
    assert await cancellation.cancel(thread) == 0
    assert await threads.join(thread) == (0, CANCELED)
    assert owners == [thread]
    assert mutex.owner is None


async def crowd(m, p, mutex, condition, count=3):
    """Threads that wait; gives them and the list in which each puts its name when woken."""
    woken = []

    async def body(number):
        assert number == 0
        woken.append(m.current.name)

    threads = [await waiting(m, p, mutex, condition, body, name=f"T{n}") for n in range(count)]
    await m.sleep(1)
    return threads, woken


@table.row("pthread_cond_signal/1-1", seeds=30)
async def signal_wakes_at_least_one(m, p):
    mutex, condition = Mutex(m, "x"), Condition(m, "c")
    threads, woken = await crowd(m, p, mutex, condition)
    for number in range(1, 4):
        await condition.signal()
        await m.sleep(1)
        assert len(woken) >= number
    for thread in threads:
        await thread.join()


@table.row("pthread_cond_broadcast/1-1", seeds=30)
@table.row("pthread_cond_broadcast/2-1", seeds=30)
async def broadcast_wakes_all(m, p):
    mutex, condition = Mutex(m, "x"), Condition(m, "c")
    threads, woken = await crowd(m, p, mutex, condition)
    await condition.broadcast()
    for thread in threads:
        await thread.join()
    assert sorted(woken) == ["T0", "T1", "T2"]


@table.row("pthread_cond_broadcast/2-3", each=["errorcheck", "recursive"], seeds=10)
async def woken_own_a_checking_mutex(m, p, kind):
    mutex, condition = Mutex(m, "x", kind), Condition(m, "c")
    threads, woken = await crowd(m, p, mutex, condition)
    await condition.broadcast()
    for thread in threads:
        await thread.join()
    assert len(woken) == 3


for row, call in (
    ("pthread_cond_signal/4-2", Condition.signal),
    ("pthread_cond_broadcast/4-2", Condition.broadcast),
):

    @table.row(row, each=[call], seeds=60)
    async def waking_never_eintr(m, p, call):
        condition = Condition(m, "c")
        done: list[bool] = []
        await p.sigaction("SIGUSR1", Action(Calls()))
        await p.thr_new(storm, m, p, [m.current], done)
        for _ in range(20):
            assert await call(condition) == 0
        done.append(True)


def test_chaos_may_wake_a_waiter_for_no_reason() -> None:
    async def program(m, p):
        mutex, condition = Mutex(m, "x"), Condition(m, "c")
        main = m.current
        at(m, 1, lambda: m.unpark(main, SPURIOUS))
        async with mutex:
            assert await condition.wait(mutex) == 0
            assert near(m, 1)
            assert mutex.owner is main

    assert run(program).outcome.name == "ok"


@pytest.mark.parametrize("row", table, ids=table.ids)
def test_assertion(row: Row) -> None:
    row.check()
