"""Assertions about cancellation and clean-up, each by its id."""

from __future__ import annotations

import pytest

from emu.posix.cancellation import Cancellation
from emu.posix.mutex import Mutex
from emu.posix.semaphore import Semaphore
from emu.posix.threads import CANCELED, Pthreads
from tests.posix.harness import Row, Table, forever, near

table = Table()


# Cancellation


async def cancelled(m, body, *, quiet=1):
    """Run `body(cleaned)` in a thread, cancel it after a while, join it; gives what it left."""
    threads, cancellation = m.service(Pthreads), m.service(Cancellation)
    cleaned = []

    async def cleanup():
        cleaned.append(True)

    async def start():
        threads.cleanup_push(cleanup)
        return await body(cleaned)

    thread = await threads.create(start)
    if quiet:
        await m.sleep(quiet)
    else:
        await m.yield_now()
    assert await cancellation.cancel(thread) == 0
    return (await threads.join(thread))[1], cleaned


@table.row("pthread_cancel/1-1", seeds=20)
async def asynchronous_acts_anywhere(m, p):
    async def body(cleaned):
        m.service(Cancellation).setcanceltype("asynchronous")
        await forever(m)

    assert await cancelled(m, body, quiet=0) == (CANCELED, [True])


@table.row("pthread_cancel/1-2", seeds=10)
async def disabled_holds_the_request(m, p):
    async def body(cleaned):
        m.service(Cancellation).setcancelstate("disable")
        await p.nanosleep(3 * 10**9)
        assert not cleaned
        return "normal"

    assert (await cancelled(m, body))[0] == "normal"
    assert near(m, 3)


@table.row("pthread_cancel/1-3", seeds=10)
async def deferred_waits_for_a_point(m, p):
    mutex, passed = Mutex(m, "x"), []
    threads, cancellation = m.service(Pthreads), m.service(Cancellation)
    await mutex.lock()

    async def body():
        await mutex.lock()
        passed.append(True)
        await cancellation.testcancel()
        raise AssertionError

    thread = await threads.create(body)
    await m.sleep(1)
    await cancellation.cancel(thread)
    await m.sleep(1)
    assert not passed
    await mutex.unlock()
    assert await threads.join(thread) == (0, CANCELED)
    assert passed


@table.row("pthread_cancel/2-1", seeds=10)
@table.row("pthread_cancel/4-1", seeds=10)
@table.row("pthread_setcancelstate/1-1", seeds=10)
@table.row("pthread_setcancelstate/2-1", seeds=10)
async def cancelled_in_a_wait(m, p):
    async def body(cleaned):
        await p.pause()

    assert await cancelled(m, body) == (CANCELED, [True])


@table.row("pthread_cancel/3-1", seeds=10)
async def cancel_does_not_wait(m, p):
    threads, cancellation = m.service(Pthreads), m.service(Cancellation)
    go, order = Semaphore(m, "go"), []

    async def cleanup():
        await go.wait()
        order.append("cleaned")

    async def body():
        threads.cleanup_push(cleanup)
        await p.pause()

    thread = await threads.create(body)
    await m.sleep(1)
    await cancellation.cancel(thread)
    order.append("returned")
    await go.post()
    await threads.join(thread)
    assert order == ["returned", "cleaned"]


@table.row("pthread_testcancel/1-1", seeds=10)
async def a_call_that_is_only_a_point(m, p):
    async def body(cleaned):
        await m.sleep(2)
        await m.service(Cancellation).testcancel()
        raise AssertionError

    assert (await cancelled(m, body))[0] == CANCELED
    assert near(m, 2)


@table.row("pthread_setcancelstate/3-1", seeds=0)
async def unknown_state_is_refused(m, p):
    cancellation = m.service(Cancellation)
    assert cancellation.setcancelstate("other")[0] == p.kernel.errno("EINVAL")
    assert cancellation.setcancelstate("disable") == (0, "enable")
    assert cancellation.setcanceltype("other")[0] == p.kernel.errno("EINVAL")
    assert cancellation.setcanceltype("asynchronous") == (0, "deferred")


@table.row("pthread_setcanceltype/1-1", each=[True], seeds=10)
@table.row("pthread_setcanceltype/2-1", each=[False], seeds=10)
async def cancelled_in_a_mutex(m, p, asynchronous):
    mutex = Mutex(m, "x")

    async def holder():
        await mutex.lock()
        await m.sleep(3)
        assert mutex.owner is m.current
        await mutex.unlock()

    async def body(cleaned):
        if asynchronous:
            m.service(Cancellation).setcanceltype("asynchronous")
        await mutex.lock()
        await m.service(Cancellation).testcancel()
        raise AssertionError

    thread = await p.thr_new(holder)
    await m.sleep(1)
    assert await cancelled(m, body) == (CANCELED, [True])
    assert near(m, 2 if asynchronous else 3)
    if asynchronous:
        assert mutex.owner is thread


@table.row("pthread_cleanup_push/1-1", seeds=0)
async def cleanup_runs_on_exit(m, p):
    threads, got = m.service(Pthreads), []

    async def cleanup(argument):
        got.append(argument)

    async def body():
        threads.cleanup_push(cleanup, "argument")
        await threads.exit()

    await threads.join(await threads.create(body))
    assert got == ["argument"]


@table.row("pthread_cleanup_push/1-3", seeds=0)
@table.row("pthread_cleanup_pop/1-1", seeds=0)
async def popped_runs_once(m, p):
    threads, got = m.service(Pthreads), []

    async def cleanup():
        got.append(True)

    async def body():
        threads.cleanup_push(cleanup)
        await threads.cleanup_pop(execute=True)
        threads.cleanup_push(cleanup)
        await threads.cleanup_pop(execute=False)
        await threads.exit()

    await threads.join(await threads.create(body))
    assert got == [True]


@table.row("pthread_cleanup_pop/1-3", seeds=0)
async def popped_in_reverse(m, p):
    threads, got = m.service(Pthreads), []

    async def cleanup(number):
        got.append(number)

    for number in (1, 2, 3):
        threads.cleanup_push(cleanup, number)
    for _ in range(3):
        await threads.cleanup_pop(execute=True)
    assert got == [3, 2, 1]


@pytest.mark.parametrize("row", table, ids=table.ids)
def test_assertion(row: Row) -> None:
    row.check()
