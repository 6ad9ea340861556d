"""Assertions about semaphores, read-write and spin locks, barriers and once, each by its id."""

from __future__ import annotations

import pytest

from emu.posix.action import Action
from emu.posix.semaphore import SEM_VALUE_MAX, Semaphore
from emu.posix.timespec import Timespec
from tests.posix.harness import Calls, Row, Table, at, errno_of, near

table = Table()


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


@pytest.mark.parametrize("row", table, ids=table.ids)
def test_assertion(row: Row) -> None:
    row.check()
