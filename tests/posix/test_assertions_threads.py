"""Assertions about threads and cancellation, each by its id."""

from __future__ import annotations

import pytest

from emu.posix.action import Action
from emu.posix.altstack import AltStack
from emu.posix.cancellation import Cancellation
from emu.posix.freebsd import FREEBSD
from emu.posix.semaphore import Semaphore
from emu.posix.threads import CANCELED, Key, Pthreads
from tests.posix.harness import Calls, Row, Table, forever, near, run, storm

table = Table()


# Creation


@table.row("pthread_create/1-1")
@table.row("pthread_create/4-1")
@table.row("pthread_create/12-1")
async def a_thread_of_its_own(m, p):
    threads, found = m.service(Pthreads), []

    async def body():
        found.append((m.current, p.pid))

    thread = await threads.create(body)
    assert await threads.join(thread) == (0, None)
    assert found == [(thread, p.pid)]
    assert thread is not m.current


@table.row("pthread_create/1-3", seeds=20)
async def creation_is_asynchronous(m, p):
    threads, cancellation = m.service(Pthreads), m.service(Cancellation)
    await p.sigaction("SIGALRM", Action(Calls()))

    async def loop():
        while True:
            await cancellation.testcancel()
            await m.yield_now()

    thread = await threads.create(loop)
    await p.alarm(5)
    await cancellation.cancel(thread)
    assert await threads.join(thread) == (0, CANCELED)
    assert await p.alarm(0) > 0


@table.row("pthread_create/3-1", seeds=0)
async def attributes_are_read_at_creation(m, p):
    threads = m.service(Pthreads)
    attributes = {"detached": False}
    thread = await threads.create(forever, m, **attributes)
    attributes["detached"] = True
    assert await threads.detach(thread) == 0


@table.row("pthread_create/5-1", seeds=10)
async def arguments_arrive(m, p):
    threads, got = m.service(Pthreads), []

    async def body(number):
        got.append(number)

    created = [await threads.create(body, number) for number in range(5)]
    for thread in created:
        await threads.join(thread)
    assert sorted(got) == [0, 1, 2, 3, 4]


@table.row("pthread_create/8-1", seeds=10)
async def mask_is_inherited_and_pending_is_not(m, p):
    both = p.kernel.sigset("SIGUSR1", "SIGUSR2")
    await p.sigprocmask("SIG_SETMASK", both)
    await p.raise_("SIGUSR1")
    await p.raise_("SIGUSR2")

    async def body():
        assert await p.sigprocmask("SIG_BLOCK") == both
        assert await p.sigpending() == p.kernel.empty()

    await (await p.thr_new(body)).join()


@table.row("pthread_create/K-2", seeds=10)
async def mask_of_a_handler_is_inherited(m, p):
    found, created = [], []

    async def body():
        found.append(await p.sigprocmask("SIG_BLOCK"))

    async def handler(info, context):
        created.append(await p.thr_new(body))

    await p.sigaction("SIGUSR1", Action(handler, ("SIGUSR2",)))
    await p.raise_("SIGUSR1")
    await created[0].join()
    assert found == [p.kernel.sigset("SIGUSR1", "SIGUSR2")]


@table.row("a new thread has no alternate stack", seeds=0)
async def no_alternate_stack(m, p):
    await p.sigaltstack(AltStack(0x10_0000, 16384))

    async def body():
        assert (await p.sigaltstack()).flags == p.kernel.stack_flags["SS_DISABLE"]

    await (await p.thr_new(body)).join()


@table.row("too many threads: Linux", seeds=0, thread_limit=1)
@table.row("too many threads: FreeBSD", seeds=0, kernel=FREEBSD, thread_limit=1)
async def too_many_threads(m, p):
    with pytest.raises(OSError) as wrong:
        await p.thr_new(forever, m)
    assert wrong.value.errno == p.kernel.errno(p.kernel.thread_limit_error)


def test_a_signal_before_its_first_instruction_reaches_a_new_thread() -> None:
    order = []

    async def program(m, p):
        async def handler(info, context):
            order.append(f"handler in {context.thread.name}")

        async def body():
            order.append("body")

        await p.sigaction("SIGUSR1", Action(handler))
        thread = await p.thr_new(body, name="T")
        p.post("SIGUSR1", thread)
        await thread.join()

    run(program)
    assert order == ["handler in T", "body"]


# Exit, join, detach


@table.row("pthread_exit/1-1", seeds=0)
@table.row("pthread_exit/1-2", seeds=0)
@table.row("pthread_join/2-1", seeds=0)
@table.row("pthread_join/5-1", seeds=0)
async def value_reaches_join(m, p):
    threads = m.service(Pthreads)

    async def body():
        await threads.exit("value")
        raise AssertionError

    thread = await threads.create(body)
    assert await threads.join(thread) == (0, "value")


@table.row("pthread_exit/2-1", seeds=0)
async def cleanup_in_reverse(m, p):
    threads, ran = m.service(Pthreads), []

    async def note(what):
        ran.append(what)

    async def body():
        for number in (1, 2, 3):
            threads.cleanup_push(note, number)
        await threads.exit()

    await threads.join(await threads.create(body))
    assert ran == [3, 2, 1]


@table.row("pthread_exit/3-1", each=[True], seeds=0)
@table.row("pthread_exit/5-1", each=[False], seeds=0)
async def destructors_run(m, p, explicit):
    threads, ran, hooks = m.service(Pthreads), [], []

    async def destructor(value):
        ran.append(value)

    key = Key("key", destructor)
    p.exit_hooks.append(lambda: hooks.append(True))

    async def body():
        threads.setspecific(key, "data")
        assert threads.getspecific(key) == "data"
        if explicit:
            await threads.exit(7)
        return 7

    assert threads.getspecific(key) is None
    assert await threads.join(await threads.create(body)) == (0, 7)
    assert ran == ["data"]
    assert not hooks


@table.row("pthread_exit/4-1", seeds=0)
async def process_hooks_do_not_run(m, p):
    threads, hooks = m.service(Pthreads), []
    p.exit_hooks.append(lambda: hooks.append(True))
    await threads.join(await threads.create(threads.exit))
    assert not hooks


@table.row("pthread_join/1-1")
async def join_waits(m, p):
    threads = m.service(Pthreads)
    thread = await threads.create(p.nanosleep, 3 * 10**9)
    await threads.join(thread)
    assert near(m, 3)


@table.row("pthread_join/4-1", seeds=20)
async def cancelled_joiner_leaves_it_joinable(m, p):
    threads, cancellation = m.service(Pthreads), m.service(Cancellation)
    thread = await threads.create(p.nanosleep, 5 * 10**9)
    joiner = await threads.create(threads.join, thread)
    await m.sleep(1)
    await cancellation.cancel(joiner)
    assert await threads.join(joiner) == (0, CANCELED)
    assert await threads.join(thread) == (0, None)


@table.row("join errors", seeds=0)
async def join_errors(m, p):
    threads = m.service(Pthreads)
    assert (await threads.join(m.current))[0] == p.kernel.errno("EDEADLK")
    thread = await threads.create(m.sleep, 0)
    await threads.join(thread)
    assert (await threads.join(thread))[0] == p.kernel.errno("ESRCH")


@table.row("pthread_join/6-3", seeds=60)
async def join_never_eintr(m, p):
    threads = m.service(Pthreads)
    done: list[bool] = []
    await p.sigaction("SIGUSR1", Action(Calls()))

    async def body():
        for _ in range(10):
            await m.yield_now()

    await p.thr_new(storm, m, p, [m.current], done)
    for _ in range(3):
        assert (await threads.join(await threads.create(body)))[0] == 0
    done.append(True)


@table.row("pthread_detach/1-1", seeds=0)
@table.row("pthread_detach/3-1", seeds=0)
async def detached_cannot_be_joined(m, p):
    threads = m.service(Pthreads)
    thread = await threads.create(m.sleep, 1)
    assert await threads.detach(thread) == 0
    assert (await threads.join(thread))[0] == p.kernel.errno("EINVAL")
    assert await threads.detach(thread) == p.kernel.errno("EINVAL")


@table.row("pthread_detach/2-2", seeds=0)
async def detached_runs_on(m, p):
    threads, semaphore = m.service(Pthreads), Semaphore(m, "s")
    thread = await threads.create(semaphore.post, detached=True)
    await semaphore.wait()
    assert (await threads.join(thread))[0] == p.kernel.errno("EINVAL")


@table.row("pthread_detach/4-3", seeds=60)
async def detach_never_eintr(m, p):
    threads = m.service(Pthreads)
    done: list[bool] = []
    await p.sigaction("SIGUSR1", Action(Calls()))
    await p.thr_new(storm, m, p, [m.current], done)
    for _ in range(5):
        assert await threads.detach(await threads.create(m.checkpoint)) == 0
    done.append(True)


@pytest.mark.parametrize("row", table, ids=table.ids)
def test_assertion(row: Row) -> None:
    row.check()
