"""Assertions about spin locks, barriers and once, each by its id."""

from __future__ import annotations

import pytest

from emu.posix.action import Action
from emu.posix.barrier import SERIAL_THREAD, Barrier
from emu.posix.cancellation import Cancellation
from emu.posix.once import Once
from emu.posix.spin import Spin
from emu.posix.threads import CANCELED, Pthreads
from tests.posix.harness import SECOND, Calls, Row, Table, at, elsewhere, near, run, storm

table = Table()


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
            result = await barrier.wait()
            results.append((round_, result))

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
    once = Once(m, "once")
    done: list[bool] = []
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
