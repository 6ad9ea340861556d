"""Assertions about read-write and spin locks, barriers and once, each by its id."""

from __future__ import annotations

import pytest

from emu.posix.action import Action
from emu.posix.rwlock import RWLock
from emu.posix.timespec import Timespec
from tests.posix.harness import Row, Table, at, elsewhere, near

table = Table()


# Read-write locks


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


@pytest.mark.parametrize("row", table, ids=table.ids)
def test_assertion(row: Row) -> None:
    row.check()
