"""Assertions about mutexes, each by its id."""

from __future__ import annotations

import pytest

from emu.errors import UsageError
from emu.posix.action import Action
from emu.posix.freebsd import FREEBSD
from emu.posix.memory import Word
from emu.posix.mutex import KINDS, Mutex
from emu.posix.timespec import Timespec
from tests.posix.harness import SECOND, Calls, Row, Table, at, near, run, seen, storm

table = Table()


for row in ("pthread_mutex_init/1-1", "pthread_mutex_init/4-1", "pthread_mutex_init/3-1"):

    @table.row(row, each=[None, *KINDS], seeds=0)
    async def initialised_is_usable(m, p, kind):
        mutex = Mutex(m, "x", kind)
        assert await mutex.lock() == 0
        assert await mutex.unlock() == 0


@table.row("pthread_mutex_init/2-1", seeds=0)
async def starts_unlocked(m, p):
    assert await Mutex(m, "x").trylock() == 0


for row in (
    "pthread_mutex_destroy/1-1",
    "pthread_mutex_destroy/3-1",
    "pthread_mutex_destroy/5-2",
):

    @table.row(row, each=KINDS, seeds=0)
    async def destroyed_after_use(m, p, kind):
        mutex = Mutex(m, "x", kind)
        assert mutex.destroy() == 0
        await mutex.lock()
        assert mutex.destroy() == p.kernel.errno("EBUSY")
        await mutex.unlock()
        assert mutex.destroy() == 0


@table.row("pthread_mutex_destroy/2-2", seeds=0)
async def new_type_counts(m, p):
    mutex = Mutex(m, "x", "normal")
    assert mutex.destroy() == 0
    mutex = Mutex(m, "x", "errorcheck")
    await mutex.lock()
    assert await mutex.lock() == p.kernel.errno("EDEADLK")


@table.row("pthread_mutex_lock/1-1", seeds=60)
async def mutual_exclusion(m, p):
    mutex, word = Mutex(m, "x"), Word(m, "word")

    async def adder():
        for _ in range(5):
            async with mutex:
                await word.store(await word.load() + 1)

    threads = [await p.thr_new(adder) for _ in range(4)]
    for thread in threads:
        await thread.join()
    assert word.value == 20


@table.row("pthread_mutex_lock/2-1", seeds=0)
async def lock_succeeds(m, p):
    assert await Mutex(m, "x").lock() == 0


@table.row("pthread_mutex_lock/4-1", seeds=20)
async def recursive_counts(m, p):
    mutex = Mutex(m, "x", "recursive")
    got = []

    async def child():
        assert await mutex.lock() == 0
        got.append(True)
        await m.sleep(5)
        assert await mutex.unlock() == 0

    assert await mutex.lock() == 0
    assert await mutex.lock() == 0
    thread = await p.thr_new(child)
    assert await mutex.unlock() == 0
    await m.sleep(1)
    assert not got
    assert await mutex.unlock() == 0
    await m.sleep(1)
    assert got
    assert await mutex.unlock() == p.kernel.errno("EPERM")
    await thread.join()


@table.row("pthread_mutex_lock/5-1", seeds=20)
async def handler_runs_while_waiting(m, p):
    mutex = Mutex(m, "x")
    owners = []

    async def handler(info, context):
        owners.append((m.current.name, mutex.owner and mutex.owner.name))

    async def waiter():
        assert await mutex.lock() == 0
        assert mutex.owner is m.current
        await mutex.unlock()

    await p.sigaction("SIGUSR1", Action(handler))
    await mutex.lock()
    thread = await p.thr_new(waiter, name="T")
    await m.sleep(1)
    await p.pthread_kill(thread, "SIGUSR1")
    await m.sleep(1)
    assert owners == [("T", "main")]
    await mutex.unlock()
    await thread.join()


async def tried_by_another(m, p, mutex):
    """What trylock gives in another thread."""
    found = []

    async def other():
        found.append(await mutex.trylock())
        if not found[0]:
            await mutex.unlock()

    await (await p.thr_new(other)).join()
    return found[0]


@table.row("pthread_mutex_trylock/1-1")
async def trylock_does_not_block(m, p):
    mutex = Mutex(m, "x")
    await mutex.lock()
    assert await tried_by_another(m, p, mutex) == p.kernel.errno("EBUSY")
    await mutex.unlock()
    assert await tried_by_another(m, p, mutex) == 0


@table.row("pthread_mutex_trylock/2-1")
async def recursive_trylock_counts(m, p):
    mutex = Mutex(m, "x", "recursive")
    assert await mutex.trylock() == 0
    assert await mutex.trylock() == 0
    await mutex.unlock()
    assert await tried_by_another(m, p, mutex) == p.kernel.errno("EBUSY")
    assert await mutex.unlock() == 0
    assert await mutex.unlock() == p.kernel.errno("EPERM")


@table.row("pthread_mutex_trylock/3-1", seeds=0)
async def trylock_succeeds(m, p):
    assert await Mutex(m, "x").trylock() == 0


@table.row("pthread_mutex_trylock/4-1", seeds=0, each=["normal", "errorcheck"])
async def trylock_of_the_own_is_busy(m, p, kind):
    mutex = Mutex(m, "x", kind)
    await mutex.lock()
    assert await mutex.trylock() == p.kernel.errno("EBUSY")


@table.row("pthread_mutex_trylock/4-3", seeds=60)
async def trylock_never_eintr(m, p):
    mutex = Mutex(m, "x")
    calls = Calls()
    done: list[bool] = []
    await p.sigaction("SIGUSR1", Action(calls))

    async def trier():
        for _ in range(15):
            number = await mutex.trylock()
            assert number in (0, p.kernel.errno("EBUSY"))
            if not number:
                await mutex.unlock()

    triers = [await p.thr_new(trier) for _ in range(2)]
    await p.thr_new(storm, m, p, triers, done)
    for thread in triers:
        await thread.join()
    done.append(True)


@table.row("pthread_mutex_unlock/1-1", seeds=0)
async def unlock_releases(m, p):
    mutex = Mutex(m, "x")
    await mutex.lock()
    await mutex.unlock()
    assert await mutex.trylock() == 0


@table.row("pthread_mutex_unlock/3-1", seeds=0)
async def unlock_succeeds(m, p):
    mutex = Mutex(m, "x")
    await mutex.lock()
    assert await mutex.unlock() == 0


for row, kind in (
    ("pthread_mutex_unlock/5-1", "recursive"),
    ("pthread_mutexattr_settype/3-2", "errorcheck"),
):

    @table.row(row, each=[kind])
    async def unlock_by_another_fails(m, p, kind):
        mutex = Mutex(m, "x", kind)
        await mutex.lock()

        async def other():
            assert await mutex.unlock() == p.kernel.errno("EPERM")

        await (await p.thr_new(other)).join()
        assert mutex.owner is m.current


@table.row("a normal mutex lets anybody unlock it", seeds=0)
async def normal_unlock_by_another(m, p):
    mutex = Mutex(m, "x", "normal")
    assert await mutex.unlock() == 0
    await mutex.lock()

    async def other():
        assert await mutex.unlock() == 0

    await (await p.thr_new(other)).join()
    assert await mutex.trylock() == 0


for row in ("pthread_mutex_timedlock/1-1", "pthread_mutex_timedlock/5-3"):

    @table.row(row)
    async def timedlock_gives_up(m, p):
        mutex = Mutex(m, "x")
        await mutex.lock()

        async def waiter():
            assert await mutex.timedlock(Timespec(3)) == p.kernel.errno("ETIMEDOUT")
            assert near(m, 3)
            assert m.now >= 3 * SECOND

        await (await p.thr_new(waiter)).join()


@table.row("pthread_mutex_timedlock/4-1", seeds=0)
async def timedlock_of_a_free_one(m, p):
    await m.sleep(5)
    assert await Mutex(m, "x").timedlock(Timespec(1)) == 0


@table.row("pthread_mutex_timedlock/5-1", each=[-1, 10**9], seeds=0)
async def timedlock_looks_at_the_time_if_it_waits(m, p, nsec):
    mutex = Mutex(m, "x")
    assert await mutex.timedlock(Timespec(1, nsec)) == 0

    async def waiter():
        assert await mutex.timedlock(Timespec(1, nsec)) == p.kernel.errno("EINVAL")

    await (await p.thr_new(waiter)).join()


@table.row("pthread_mutexattr_gettype/1-1", seeds=0)
async def default_is_normal(m, p):
    assert Mutex(m, "x").kind == "normal"


@table.row("FreeBSD's default mutex checks", kernel=FREEBSD, seeds=0)
async def default_of_freebsd(m, p):
    mutex = Mutex(m, "x")
    await mutex.lock()
    assert await mutex.lock() == p.kernel.errno("EDEADLK")


for row, kinds in (
    ("pthread_mutexattr_gettype/1-3", ["normal"]),
    ("pthread_mutexattr_gettype/1-4", ["errorcheck"]),
    ("pthread_mutexattr_settype/1-1", KINDS),
):

    @table.row(row, each=kinds, seeds=0)
    async def type_reads_back(m, p, kind):
        assert Mutex(m, "x", kind).kind == kind


@table.row("pthread_mutexattr_settype/3-1", seeds=0)
async def errorcheck_refuses_relock(m, p):
    mutex = Mutex(m, "x", "errorcheck")
    await mutex.lock()
    assert await mutex.lock() == p.kernel.errno("EDEADLK")


def test_an_unknown_type_is_refused_with_the_types_there_are() -> None:
    """pthread_mutexattr_settype/7-1: the type is an argument, so it is a mistake of the user."""

    async def program(m, p):
        with pytest.raises(UsageError, match="normal, errorcheck, recursive"):
            Mutex(m, "x", "other")  # type: ignore[arg-type]

    assert run(program).outcome.name == "ok"


def test_relocking_a_normal_mutex_is_a_deadlock() -> None:
    async def program(m, p):
        mutex = Mutex(m, "x", "normal")
        await mutex.lock()
        await mutex.lock()

    assert run(program).outcome.name == "deadlock"


def test_entering_a_checking_mutex_twice_raises() -> None:
    async def program(m, p):
        mutex = Mutex(m, "x", "errorcheck")
        async with mutex:
            with pytest.raises(OSError, match="EDEADLK"):
                await mutex.__aenter__()

    assert run(program).outcome.name == "ok"


def test_a_contended_acquisition_says_so() -> None:
    async def program(m, p):
        mutex = Mutex(m, "x")

        async def waiter():
            async with mutex:
                pass

        async with mutex:
            thread = await p.thr_new(waiter)
            await m.sleep(1)
        await thread.join()

    history = run(program)
    assert seen(history, "lock.acquire", "contended") == [False, True]
    assert seen(history, "lock.acquire", "held_by") == [None, "main"]
    assert SECOND <= seen(history, "lock.acquire", "waited")[1] < 1.1 * SECOND
    assert seen(history, "lock.wait", "held_by") == ["main"]


def test_a_handler_that_locks_what_its_thread_holds_is_a_deadlock() -> None:
    async def program(m, p):
        mutex = Mutex(m, "x", "normal")

        async def handler(info, context):
            async with mutex:
                pass

        await p.sigaction("SIGUSR1", Action(handler))
        at(m, 1, lambda: p.post("SIGUSR1"))
        async with mutex:
            await m.sleep(2)

    history = run(program)
    assert history.outcome.name == "deadlock"
    assert history.findings[0].cycle[0].depth == 1


@pytest.mark.parametrize("row", table, ids=table.ids)
def test_assertion(row: Row) -> None:
    row.check()
