"""Assertions about semaphores, read-write and spin locks, barriers and once, each by its id."""

from __future__ import annotations

import pytest

from emu.posix.action import Action
from emu.posix.barrier import SERIAL_THREAD, Barrier
from emu.posix.cancellation import Cancellation
from emu.posix.once import Once
from emu.posix.rwlock import RWLock
from emu.posix.semaphore import SEM_VALUE_MAX, Semaphore
from emu.posix.spin import Spin
from emu.posix.threads import CANCELED, Pthreads
from emu.posix.timespec import Timespec
from tests.posix.harness import SECOND, Calls, Row, Table, at, near, run, storm

table = Table()


async def errno_of(awaitable):
    with pytest.raises(OSError) as wrong:
        await awaitable
    return wrong.value.errno


# Semaphores


@table.row("sem_init/1-1", seeds=0)
async def initial_value(m, p):
    assert await Semaphore(m, "s", 1).getvalue() == 1


@table.row("sem_init/2-2", seeds=0)
async def post_adds(m, p):
    semaphore = Semaphore(m, "s", 1)
    await semaphore.post()
    assert await semaphore.getvalue() == 2


@table.row("sem_init/5-2", seeds=0)
async def init_succeeds_or_says_einval(m, p):
    Semaphore(m, "s", SEM_VALUE_MAX)
    with pytest.raises(OSError) as wrong:
        Semaphore(m, "s", SEM_VALUE_MAX + 1)
    assert wrong.value.errno == p.kernel.errno("EINVAL")


@table.row("sem_destroy/3-1")
async def destroyed_after_use(m, p):
    semaphore = Semaphore(m, "s", 1)

    async def user():
        await semaphore.wait()
        await semaphore.post()

    threads = [await p.thr_new(user) for _ in range(3)]
    for thread in threads:
        await thread.join()
    semaphore.destroy()


@table.row("sem_getvalue/1-1", seeds=0)
@table.row("sem_getvalue/4-1", seeds=0)
async def getvalue_changes_nothing(m, p):
    semaphore = Semaphore(m, "s", 3)
    assert await semaphore.getvalue() == await semaphore.getvalue() == 3


@table.row("sem_getvalue/2-1")
async def value_is_never_negative(m, p):
    semaphore = Semaphore(m, "s")
    await p.thr_new(semaphore.wait)
    await m.sleep(1)
    assert await semaphore.getvalue() == 0


@table.row("sem_post/1-1", seeds=0)
@table.row("sem_post/4-1", seeds=0)
async def post_unlocks(m, p):
    semaphore = Semaphore(m, "s")
    await semaphore.post()
    assert await semaphore.getvalue() == 1


@table.row("sem_post/2-1", seeds=10)
@table.row("sem_wait/3-1", seeds=10)
async def post_releases_a_waiter(m, p):
    semaphore, done = Semaphore(m, "s"), []

    async def waiter():
        await semaphore.wait()
        done.append(True)

    thread = await p.thr_new(waiter)
    await m.sleep(1)
    assert not done
    await semaphore.post()
    await thread.join()
    assert await semaphore.getvalue() == 0


@table.row("sem_post/6-1")
async def handler_may_post(m, p):
    semaphore = Semaphore(m, "s")

    async def handler(info, context):
        await semaphore.post()

    await p.sigaction("SIGALRM", Action(handler))
    await p.alarm(1)
    await m.sleep(2)
    assert await semaphore.getvalue() == 1


@table.row("sem_post/K-1", seeds=0)
async def overflow(m, p):
    semaphore = Semaphore(m, "s", SEM_VALUE_MAX)
    assert await errno_of(semaphore.post()) == p.kernel.errno("EOVERFLOW")
    assert await semaphore.getvalue() == SEM_VALUE_MAX


@table.row("sem_wait/1-1", seeds=0)
async def wait_decrements(m, p):
    semaphore = Semaphore(m, "s", 1)
    await semaphore.wait()
    assert await semaphore.getvalue() == 0


@table.row("sem_wait/5-1", seeds=0)
async def trywait_of_nothing(m, p):
    assert await errno_of(Semaphore(m, "s").trywait()) == p.kernel.errno("EAGAIN")


@table.row("sem_wait/11-1", seeds=0)
async def trywait_decrements(m, p):
    semaphore = Semaphore(m, "s", 1)
    await semaphore.trywait()
    assert await semaphore.getvalue() == 0


@table.row("sem_wait/13-1", each=[("SA_RESTART", 0), ("SA_SIGINFO", 1)])
async def handler_that_posts_ends_the_wait(m, p, item):
    flag, left = item
    semaphore = Semaphore(m, "s")

    async def handler(info, context):
        await semaphore.post()

    await p.sigaction("SIGALRM", Action(handler, flags=p.kernel.flag(flag)))
    await p.alarm(1)
    if left:
        assert await errno_of(semaphore.wait()) == p.kernel.errno("EINTR")
    else:
        await semaphore.wait()
    assert near(m, 1)
    assert await semaphore.getvalue() == left


@table.row("sem_timedwait/1-1", seeds=0)
@table.row("sem_timedwait/4-1", seeds=0)
async def timedwait_takes_at_once(m, p):
    semaphore = Semaphore(m, "s", 1)
    await semaphore.timedwait(Timespec(5))
    assert await semaphore.getvalue() == 0
    assert near(m, 0)


@table.row("sem_timedwait/2-1")
async def posted_in_time(m, p):
    semaphore = Semaphore(m, "s")

    async def poster():
        await m.sleep(1)
        await semaphore.post()

    await p.thr_new(poster)
    await semaphore.timedwait(Timespec(5))
    assert near(m, 1)


@table.row("sem_timedwait/2-2")
async def times_out(m, p):
    semaphore = Semaphore(m, "s")
    assert await errno_of(semaphore.timedwait(Timespec(2))) == p.kernel.errno("ETIMEDOUT")
    assert near(m, 2)
    await semaphore.post()
    assert await semaphore.getvalue() == 1


@table.row("sem_timedwait/6-1", each=[-1], seeds=0)
@table.row("sem_timedwait/6-2", each=[10**9], seeds=0)
async def bad_nsec(m, p, nsec):
    for value in (0, 1):
        wait = Semaphore(m, "s", value).timedwait(Timespec(5, nsec))
        assert await errno_of(wait) == p.kernel.errno("EINVAL")


@table.row("sem_timedwait/9-1", each=[(), ("SA_RESTART",)])
async def timedwait_eintr(m, p, flags):
    await p.sigaction("SIGUSR1", Action(Calls(), flags=p.kernel.flag(*flags)))
    at(m, 1, lambda: p.post("SIGUSR1"))
    wait = Semaphore(m, "s").timedwait(Timespec(5))
    assert await errno_of(wait) == p.kernel.errno("EINTR")
    assert near(m, 1)


@table.row("sem_timedwait/11-1", each=[1, 9], seeds=0)
async def no_timeout_if_it_can_lock(m, p, moment):
    await m.sleep(3)
    await Semaphore(m, "s", 1).timedwait(Timespec(moment))


# Read-write locks


async def elsewhere(p, call):
    """What a call gives in a thread of its own."""
    found = []

    async def body():
        found.append(await call())

    await (await p.thr_new(body)).join()
    return found[0]


@table.row("pthread_rwlock_init/1-1")
async def rwlock_starts_unlocked(m, p):
    assert await elsewhere(p, RWLock(m, "rw").rdlock) == 0


@table.row("pthread_rwlock_init/3-1", seeds=0)
@table.row("pthread_rwlock_destroy/1-1", seeds=0)
async def rwlock_is_reusable(m, p):
    for _ in range(5):
        lock = RWLock(m, "rw")
        for call in (lock.rdlock, lock.unlock, lock.wrlock, lock.unlock):
            assert await call() == 0
        assert lock.destroy() == 0


@table.row("pthread_rwlock_rdlock/1-1", seeds=20)
async def readers_share(m, p):
    lock, got = RWLock(m, "rw"), []
    await lock.rdlock()
    assert await elsewhere(p, lock.rdlock) == 0
    lock = RWLock(m, "rw2")
    await lock.wrlock()

    async def reader():
        assert await lock.rdlock() == 0
        got.append(True)

    thread = await p.thr_new(reader)
    await m.sleep(1)
    assert not got
    await lock.unlock()
    await thread.join()


@table.row("pthread_rwlock_rdlock/5-1", seeds=0)
async def read_locks_count(m, p):
    lock = RWLock(m, "rw")
    for _ in range(10):
        assert await lock.rdlock() == 0
    for _ in range(10):
        assert await elsewhere(p, lock.trywrlock) == p.kernel.errno("EBUSY")
        assert await lock.unlock() == 0
    assert await lock.trywrlock() == 0


@table.row("pthread_rwlock_timedrdlock/1-1")
@table.row("pthread_rwlock_timedrdlock/3-1")
async def timedrdlock(m, p):
    lock = RWLock(m, "rw")
    await lock.rdlock()
    assert await elsewhere(p, lambda: lock.timedrdlock(Timespec(1))) == 0
    lock = RWLock(m, "rw2")
    await lock.wrlock()
    number = await elsewhere(p, lambda: lock.timedrdlock(Timespec(2)))
    assert number == p.kernel.errno("ETIMEDOUT")
    assert near(m, 2)


@table.row("pthread_rwlock_timedrdlock/5-1", seeds=0)
async def free_never_times_out(m, p):
    await m.sleep(3)
    lock = RWLock(m, "rw")
    assert await lock.timedrdlock(Timespec(1)) == 0
    assert await lock.timedrdlock(Timespec(1, -1)) == p.kernel.errno("EINVAL")


@table.row("pthread_rwlock_timedrdlock/6-1", each=[0])
@table.row("pthread_rwlock_timedwrlock/6-2", each=[6])
async def handler_does_not_move_the_deadline(m, p, lasts):
    lock, calls = RWLock(m, "rw"), []
    await lock.wrlock()

    async def handler(info, context):
        calls.append(m.now)
        await m.sleep(lasts)

    async def waiter():
        wait = lock.timedwrlock if lasts else lock.timedrdlock
        assert await wait(Timespec(5)) == p.kernel.errno("ETIMEDOUT")
        assert near(m, 2 + lasts if lasts else 5)

    await p.sigaction("SIGUSR1", Action(handler))
    thread = await p.thr_new(waiter)
    at(m, 2, lambda: p.post("SIGUSR1", thread))
    await thread.join()
    assert len(calls) == 1


@table.row("pthread_rwlock_timedwrlock/1-1")
@table.row("pthread_rwlock_timedwrlock/3-1")
async def timedwrlock(m, p):
    lock = RWLock(m, "rw")
    assert await lock.timedwrlock(Timespec(1)) == 0
    timedout = p.kernel.errno("ETIMEDOUT")
    assert await elsewhere(p, lambda: lock.timedwrlock(Timespec(2))) == timedout
    assert near(m, 2)
    await lock.unlock()
    await lock.rdlock()
    assert await elsewhere(p, lambda: lock.timedwrlock(Timespec(3))) == timedout
    assert near(m, 3)


@table.row("pthread_rwlock_timedwrlock/2-1", seeds=0)
async def past_times_out_if_held(m, p):
    lock = RWLock(m, "rw")
    await m.sleep(3)
    await lock.rdlock()
    number = await elsewhere(p, lambda: lock.timedwrlock(Timespec(1)))
    assert number == p.kernel.errno("ETIMEDOUT")


@table.row("pthread_rwlock_tryrdlock/1-1")
async def tryrdlock(m, p):
    lock = RWLock(m, "rw")
    await lock.rdlock()
    assert await elsewhere(p, lock.tryrdlock) == 0
    lock = RWLock(m, "rw2")
    await lock.wrlock()
    assert await elsewhere(p, lock.tryrdlock) == p.kernel.errno("EBUSY")


@table.row("pthread_rwlock_trywrlock/1-1")
async def trywrlock(m, p):
    lock = RWLock(m, "rw")
    await lock.rdlock()
    assert await elsewhere(p, lock.trywrlock) == p.kernel.errno("EBUSY")
    await lock.unlock()
    await lock.wrlock()
    assert await elsewhere(p, lock.trywrlock) == p.kernel.errno("EBUSY")
    await lock.unlock()
    assert await elsewhere(p, lock.trywrlock) == 0


@table.row("pthread_rwlock_unlock/1-1", seeds=20)
@table.row("pthread_rwlock_wrlock/1-1", seeds=20)
async def writer_waits_for_the_last_reader(m, p):
    lock, got = RWLock(m, "rw"), []
    await lock.rdlock()
    await lock.rdlock()

    async def writer():
        assert await lock.wrlock() == 0
        got.append(True)
        assert await lock.unlock() == 0

    thread = await p.thr_new(writer)
    await m.sleep(1)
    await lock.unlock()
    await m.sleep(1)
    assert not got
    await lock.unlock()
    await thread.join()
    await lock.wrlock()
    thread = await p.thr_new(writer)
    await m.sleep(1)
    assert len(got) == 1
    await lock.unlock()
    await thread.join()


@table.row("pthread_rwlock_wrlock/3-1", seeds=0)
async def writer_relock(m, p):
    lock = RWLock(m, "rw")
    await lock.wrlock()
    assert await lock.wrlock() == p.kernel.errno("EDEADLK")
    assert await lock.rdlock() == p.kernel.errno("EDEADLK")


@table.row("a reader that wants to write waits for itself", "deadlock", seeds=0)
async def upgrade_is_a_deadlock(m, p):
    lock = RWLock(m, "rw")
    await lock.rdlock()
    await lock.wrlock()


# Spin locks


@table.row("pthread_spin_init/1-1", seeds=0)
@table.row("pthread_spin_destroy/1-1", seeds=0)
async def spin_is_usable(m, p):
    lock = Spin(m, "spin")
    assert await lock.lock() == 0
    assert await lock.unlock() == 0
    assert lock.destroy() == 0


@table.row("pthread_spin_lock/1-1", seeds=10)
async def handlers_run_while_spinning(m, p):
    lock, calls = Spin(m, "spin"), Calls()
    await p.sigaction("SIGALRM", Action(calls))
    await lock.lock()

    async def spinner():
        assert await lock.lock() == 0
        assert len(calls) == 1

    thread = await p.thr_new(spinner, name="T")
    at(m, 1, lambda: p.post("SIGALRM", thread))
    await m.sleep(2)
    assert calls.threads == ["T"]
    await lock.unlock()
    await thread.join()


@table.row("pthread_spin_lock/3-1", graph=False)
async def own_spin_lock_never_comes(m, p):
    class Jump(Exception):
        pass

    async def handler(info, context):
        raise Jump

    lock = Spin(m, "spin")
    await p.sigaction("SIGALRM", Action(handler))
    await lock.lock()
    await p.alarm(1)
    with pytest.raises(Jump):
        await lock.lock()
    assert near(m, 1)


@table.row("pthread_spin_trylock/1-1")
async def spin_trylock(m, p):
    lock = Spin(m, "spin")
    await lock.lock()
    assert await elsewhere(p, lock.trylock) == p.kernel.errno("EBUSY")


@table.row("pthread_spin_unlock/1-1")
async def spin_unlock(m, p):
    lock = Spin(m, "spin")
    for call in (lock.lock, lock.trylock):
        assert await call() == 0
        assert await lock.unlock() == 0
    assert await elsewhere(p, lock.trylock) == 0


@table.row("pthread_spin_unlock/3-1")
async def spin_unlock_by_another(m, p):
    lock = Spin(m, "spin")
    await lock.lock()
    assert await elsewhere(p, lock.unlock) == 0


# Barriers


@table.row("pthread_barrier_init/1-1", seeds=0)
@table.row("pthread_barrier_destroy/1-1", seeds=0)
async def barrier_comes_and_goes(m, p):
    for _ in range(3):
        barrier = Barrier(m, "b", 1)
        assert await barrier.wait() == SERIAL_THREAD
        assert barrier.destroy() == 0
    with pytest.raises(OSError) as wrong:
        Barrier(m, "b", 0)
    assert wrong.value.errno == p.kernel.errno("EINVAL")


@table.row("pthread_barrier_wait/1-1", seeds=10)
async def barrier_blocks(m, p):
    barrier, passed = Barrier(m, "b", 2), []

    async def comer():
        await barrier.wait()
        passed.append(True)

    thread = await p.thr_new(comer)
    await m.sleep(1)
    assert not passed
    await barrier.wait()
    await thread.join()


@table.row("pthread_barrier_wait/2-1", seeds=30)
async def one_serial_thread_a_round(m, p):
    barrier, results = Barrier(m, "b", 3), []

    async def comer():
        for round_ in range(4):
            results.append((round_, await barrier.wait()))

    threads = [await p.thr_new(comer) for _ in range(3)]
    for thread in threads:
        await thread.join()
    for round_ in range(4):
        got = sorted(result for number, result in results if number == round_)
        assert got == [SERIAL_THREAD, 0, 0]


# Once


@table.row("pthread_once/1-1", seeds=0)
@table.row("pthread_once/1-2", seeds=0)
async def once_runs_once(m, p):
    once, count = Once(m, "once"), []

    async def routine():
        count.append(True)

    for _ in range(2):
        assert await once.call(routine) == 0
        assert len(count) == 1


@table.row("pthread_once/2-1", seeds=10)
async def others_wait_for_once(m, p):
    once, ready = Once(m, "once"), []

    async def routine():
        await m.sleep(1)
        ready.append(True)

    async def caller():
        await once.call(routine)
        assert ready == [True]
        assert m.now >= SECOND

    threads = [await p.thr_new(caller) for _ in range(3)]
    for thread in threads:
        await thread.join()


@table.row("pthread_once/6-1", seeds=60)
async def once_never_eintr(m, p):
    once, done = Once(m, "once"), []
    await p.sigaction("SIGUSR1", Action(Calls()))

    async def routine():
        for _ in range(5):
            await m.yield_now()

    async def caller():
        assert await once.call(routine) == 0

    callers = [await p.thr_new(caller) for _ in range(3)]
    await p.thr_new(storm, m, p, callers, done)
    for thread in callers:
        await thread.join()
    done.append(True)


@table.row("a cancelled routine has never run", seeds=10)
async def once_cancelled(m, p):
    threads, cancellation = m.service(Pthreads), m.service(Cancellation)
    once, ran = Once(m, "once"), []

    async def endless():
        await p.pause()

    async def routine():
        ran.append(True)

    thread = await threads.create(once.call, endless)
    await m.sleep(1)
    await cancellation.cancel(thread)
    assert await threads.join(thread) == (0, CANCELED)
    await once.call(routine)
    assert ran


def test_a_spin_lock_taken_twice_is_a_deadlock() -> None:
    async def program(m, p):
        lock = Spin(m, "spin")
        await lock.lock()
        await lock.lock()

    assert run(program).outcome.name == "deadlock"


@pytest.mark.parametrize("row", table, ids=table.ids)
def test_assertion(row: Row) -> None:
    row.check()
