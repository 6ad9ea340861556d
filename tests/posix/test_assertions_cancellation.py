"""Assertions about cancellation and clean-up, each by its id."""

from __future__ import annotations

import pytest

from emu.posix.barrier import Barrier
from emu.posix.cancellation import Cancellation
from emu.posix.condvar import Condition
from emu.posix.mutex import Mutex
from emu.posix.pipe import Pipe
from emu.posix.rwlock import RWLock
from emu.posix.semaphore import Semaphore
from emu.posix.spin import Spin
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


# What is a point, and what is not.


def points(m, p):
    """Calls that could complete at once, by name; each is a cancellation point."""
    pipe = Pipe(m, "pipe")
    pipe.messages.extend([1, 2, 3])
    one = p.kernel.sigset("SIGUSR1")
    mutex = Mutex(m, "x")
    done = m.threads[0]
    return {
        "nanosleep": lambda: p.nanosleep(0),
        "clock_nanosleep": lambda: p.clock_nanosleep("CLOCK_REALTIME", 0),
        "sigtimedwait": lambda: p.sigtimedwait(one, 0),
        "pause": p.pause,
        "sigsuspend": lambda: p.sigsuspend(one),
        "sem_wait": Semaphore(m, "s", 1).wait,
        "sem_timedwait": lambda: Semaphore(m, "s", 1).timedwait(1),
        "cond_wait": lambda: Condition(m, "c").wait(mutex),
        "cond_timedwait": lambda: Condition(m, "c").timedwait(mutex, 1),
        "read": pipe.read,
        "write": lambda: pipe.write(4),
        "poll": pipe.poll,
        "join": lambda: m.service(Pthreads).join(done),
        "testcancel": m.service(Cancellation).testcancel,
    }


def no_points(m, p):
    """Calls that are no cancellation points, by name."""
    mutex, lock, semaphore = Mutex(m, "x"), RWLock(m, "rw"), Semaphore(m, "s", 1)
    return {
        "lock": mutex.lock,
        "trylock": mutex.trylock,
        "rdlock": lock.rdlock,
        "spin": Spin(m, "spin").lock,
        "barrier": Barrier(m, "b", 1).wait,
        "sem_post": semaphore.post,
        "sem_trywait": semaphore.trywait,
        "cond_signal": Condition(m, "c").signal,
        "raise": lambda: p.raise_("SIGCHLD"),
        "kill": lambda: p.kill(p.pid, "SIGCHLD"),
        "sigprocmask": lambda: p.sigprocmask("SIG_BLOCK"),
        "yield": m.yield_now,
    }


POINTS = [
    *("nanosleep clock_nanosleep sigtimedwait pause sigsuspend sem_wait sem_timedwait".split()),
    *("cond_wait cond_timedwait read write poll join testcancel".split()),
]
NO_POINTS = [
    *("lock trylock rdlock spin barrier sem_post sem_trywait cond_signal".split()),
    *("raise kill sigprocmask yield".split()),
]


async def cancels_itself(m, call):
    """Run a call in a thread that has cancelled itself; gives whether the call came to an end."""
    threads, cancellation, ended = m.service(Pthreads), m.service(Cancellation), []

    async def body():
        await cancellation.cancel(m.current)
        await call()
        ended.append(True)

    assert (await threads.join(await threads.create(body)))[0] == 0
    return bool(ended)


@table.row("a point acts even if it need not wait", each=POINTS, seeds=2)
async def point_acts(m, p, name):
    assert not await cancels_itself(m, points(m, p)[name])


@table.row("what is no point does not act", each=NO_POINTS, seeds=2)
async def no_point_does_not_act(m, p, name):
    assert await cancels_itself(m, no_points(m, p)[name])


@table.row("a waiter that is cancelled when it was woken passes that on", each=["x", "s"], seeds=30)
async def wake_up_is_passed_on(m, p, which):
    threads, cancellation, got = m.service(Pthreads), m.service(Cancellation), []
    mutex, semaphore = Mutex(m, "x"), Semaphore(m, "s")
    await mutex.lock()

    async def waiter():
        cancellation.setcanceltype("asynchronous")
        await (mutex.lock() if which == "x" else semaphore.wait())
        got.append(m.current)

    waiters = [await threads.create(waiter) for _ in range(2)]
    await m.sleep(1)
    await (mutex.unlock() if which == "x" else semaphore.post())
    await cancellation.cancel(waiters[0])
    await m.sleep(1)
    assert got


@table.row("a thread cancelled in sigsuspend has its own mask again", seeds=3)
async def mask_after_a_cancelled_sigsuspend(m, p):
    before = p.kernel.sigset("SIGTERM")
    masks = []

    async def body(cleaned):
        async def cleanup():
            masks.append(await p.sigprocmask("SIG_BLOCK"))

        m.service(Pthreads).cleanup_push(cleanup)
        await p.sigprocmask("SIG_SETMASK", before)
        await p.sigsuspend(p.kernel.fill())

    assert (await cancelled(m, body))[0] == CANCELED
    assert masks == [before]


@pytest.mark.parametrize("row", table, ids=table.ids)
def test_assertion(row: Row) -> None:
    row.check()
