"""Assertions about sending and about who takes a signal, each by its id."""

from __future__ import annotations

import pytest

from emu.posix.action import IGNORE, Action
from emu.posix.freebsd import FREEBSD
from emu.posix.semaphore import Semaphore
from tests.posix.harness import Calls, Row, Table, at, near, run

table = Table()


async def errno_of(awaitable):
    with pytest.raises(OSError) as wrong:
        await awaitable
    return wrong.value.errno


async def idle(p):
    """The body of a thread that waits for handlers for ever, until the process exits."""
    while True:
        with pytest.raises(OSError):
            await p.pause()


# sigqueue


@table.row("sigqueue/1-1")
async def signal_and_value_arrive(m, p):
    calls = Calls()
    await p.sigaction("SIGUSR1", Action(calls, flags=p.kernel.flag("SA_SIGINFO")))
    at(m, 1, lambda: p.post("SIGUSR1", value=42))
    await errno_of(p.pause())
    (info,) = calls.infos
    assert (info.signal, info.value, info.code) == ("SIGUSR1", 42, p.kernel.code("SI_QUEUE"))


@table.row("sigqueue/2-1", seeds=0)
async def signal_zero_sends_nothing(m, p):
    await p.sigqueue(p.pid, 0, 1)
    assert await p.sigpending() == p.kernel.empty()


@table.row("sigqueue/4-1", seeds=0)
async def every_instance_is_queued(m, p):
    calls = Calls()
    one = p.kernel.sigset("SIGRTMIN")
    await p.sigaction("SIGRTMIN", Action(calls, flags=p.kernel.flag("SA_SIGINFO")))
    await p.sigprocmask("SIG_BLOCK", one)
    for value in range(5):
        await p.sigqueue(p.pid, "SIGRTMIN", value)
    await p.sigprocmask("SIG_UNBLOCK", one)
    assert [info.value for info in calls.infos] == [0, 1, 2, 3, 4]


@table.row("sigqueue/6-1", seeds=0)
async def own_signal_is_delivered_before_return(m, p):
    calls = Calls()
    await p.sigaction("SIGRTMIN", Action(calls))
    await p.sigqueue(p.pid, "SIGRTMIN", 0)
    assert len(calls) == 1


@table.row("sigqueue/8-1", seeds=0)
async def each_call_succeeds(m, p):
    calls = Calls()
    await p.sigaction("SIGRTMIN", Action(calls))
    for _ in range(5):
        await p.sigqueue(p.pid, "SIGRTMIN", 0)
    assert len(calls) == 5


@table.row("sigqueue/9-1", seeds=0, queue_limit=3)
async def full_queue_gives_eagain(m, p):
    calls = Calls()
    one = p.kernel.sigset("SIGRTMIN")
    await p.sigaction("SIGRTMIN", Action(calls))
    await p.sigprocmask("SIG_BLOCK", one)
    for value in range(3):
        await p.sigqueue(p.pid, "SIGRTMIN", value)
    assert await errno_of(p.sigqueue(p.pid, "SIGRTMIN", 3)) == p.kernel.errno("EAGAIN")
    await p.sigprocmask("SIG_UNBLOCK", one)
    assert [info.value for info in calls.infos] == [0, 1, 2]


@table.row("sigqueue/10-1", seeds=0)
async def invalid_signal_is_refused(m, p):
    assert await errno_of(p.sigqueue(p.pid, 65, 0)) == p.kernel.errno("EINVAL")


@table.row("sigqueue/11-1", seeds=0)
async def unknown_process_is_refused(m, p):
    assert await errno_of(p.sigqueue(999999, "SIGUSR1", 0)) == p.kernel.errno("ESRCH")


# kill and raise


@table.row("kill/1-1", seeds=0)
async def kill_sends_to_the_process(m, p):
    calls = Calls()
    await p.sigaction("SIGUSR1", Action(calls))
    await p.kill(p.pid, "SIGUSR1")
    assert len(calls) == 1


@table.row("kill/2-1", seeds=0)
async def kill_zero_does_nothing(m, p):
    await p.kill(p.pid, 0)
    assert await p.sigpending() == p.kernel.empty()


@table.row("kill/8-xml", seeds=0)
async def self_kill_is_synchronous(m, p):
    order = []

    async def handler(info, context):
        await m.checkpoint()
        order.append("handler")

    await p.sigaction("SIGUSR1", Action(handler))
    await p.kill(p.pid, "SIGUSR1")
    order.append("returned")
    assert order == ["handler", "returned"]


@table.row("kill/15-xml", seeds=0)
async def pid_is_looked_at_first(m, p):
    assert await errno_of(p.kill(999999, 65)) == p.kernel.errno("ESRCH")


@table.row("FreeBSD looks at the number first", kernel=FREEBSD, seeds=0)
async def number_is_looked_at_first(m, p):
    assert await errno_of(p.kill(999999, 129)) == p.kernel.errno("EINVAL")


@table.row("raise/1-1", seeds=0)
async def raise_goes_to_the_caller(m, p):
    calls = Calls()
    await p.sigaction("SIGUSR1", Action(calls))
    await p.raise_("SIGUSR1")
    assert calls.threads == ["main"]


@table.row("raise/2-1", seeds=0)
async def raise_returns_after_the_handler(m, p):
    order = []

    async def handler(info, context):
        order.append("begin")
        await m.checkpoint()
        order.append("end")

    await p.sigaction("SIGUSR1", Action(handler))
    order.append("before")
    await p.raise_("SIGUSR1")
    order.append("after")
    assert order == ["before", "begin", "end", "after"]


@table.row("raise/4-1", seeds=0)
async def kill_is_as_good_in_one_thread(m, p):
    await kill_sends_to_the_process(m, p)


@table.row("raise/6-1", seeds=0)
async def raise_of_nothing_fails(m, p):
    assert await errno_of(p.raise_(10000)) == p.kernel.errno("EINVAL")


@table.row("raise/3-xml")
async def raise_stays_in_its_thread(m, p):
    calls = Calls()
    one = p.kernel.sigset("SIGUSR1")
    await p.sigaction("SIGUSR1", Action(calls))

    async def raiser():
        await p.sigprocmask("SIG_BLOCK", one)
        await p.raise_("SIGUSR1")
        assert "SIGUSR1" in await p.sigpending()

    await (await p.thr_new(raiser)).join()
    assert await p.sigpending() == p.kernel.empty()
    assert not calls.names


# pthread_kill


@table.row("pthread_kill/1-1")
async def delivered_to_the_named_thread(m, p):
    calls = Calls()
    await p.sigaction("SIGUSR1", Action(calls))
    threads = [await p.thr_new(idle, p, name=f"T{n}") for n in range(3)]
    await m.sleep(1)
    assert await p.pthread_kill(threads[1], "SIGUSR1") == 0
    await m.sleep(1)
    assert calls.threads == ["T1"]


for row in ("pthread_kill/2-1", "pthread_kill/3-1"):

    @table.row(row)
    async def signal_zero_is_no_signal(m, p):
        thread = await p.thr_new(idle, p)
        assert await p.pthread_kill(thread, 0) == 0
        await m.sleep(1)
        assert await p.sigpending() == p.kernel.empty()


@table.row("pthread_kill/7-1", each=[-1, 65, 32, 33], seeds=0)
async def invalid_number_is_the_value(m, p, number):
    assert await p.pthread_kill(m.current, number) == p.kernel.errno("EINVAL")


@table.row("pthread_kill/8-1", seeds=40)
async def never_eintr(m, p):
    await p.sigaction("SIGUSR1", Action(Calls()))
    done = []

    async def storm(target):
        while not done:
            p.post("SIGUSR1", target)
            await m.yield_now()

    me = m.current
    await p.thr_new(storm, me)
    other = await p.thr_new(idle, p)
    for _ in range(20):
        assert await p.pthread_kill(other, "SIGUSR1") == 0
    done.append(True)


@table.row("pthread_kill/K-1")
async def blocked_in_the_target_stays_there(m, p):
    calls = Calls()
    one = p.kernel.sigset("SIGUSR1")
    await p.sigaction("SIGUSR1", Action(calls))
    await p.sigprocmask("SIG_BLOCK", one)
    thread = await p.thr_new(idle, p)
    assert await p.pthread_kill(thread, "SIGUSR1") == 0
    assert await p.sigpending() == p.kernel.empty()
    await p.sigprocmask("SIG_UNBLOCK", one)
    await m.sleep(1)
    assert not calls.names
    assert "SIGUSR1" in p.signals(thread).pending.signals


@table.row("pthread_kill/K-4")
async def ended_thread_takes_nothing(m, p):
    calls = Calls()
    await p.sigaction("SIGUSR1", Action(calls))

    async def short():
        await m.checkpoint()

    thread = await p.thr_new(short)
    await m.sleep(1)
    assert await p.pthread_kill(thread, 0) == 0
    assert await p.pthread_kill(thread, "SIGUSR1") == 0
    assert not calls.names


# si_code


@table.row("delivery/K-9", seeds=0)
async def code_says_where_from(m, p):
    calls = Calls()
    await p.sigaction("SIGUSR1", Action(calls))
    await p.sigaction("SIGALRM", Action(calls))
    await p.kill(p.pid, "SIGUSR1")
    await p.raise_("SIGUSR1")
    await p.pthread_kill(m.current, "SIGUSR1")
    await p.sigqueue(p.pid, "SIGUSR1", 0)
    await p.alarm(1)
    await errno_of(p.pause())
    timer = await p.timer_create("SIGUSR1")
    await p.timer_settime(timer, 10**9)
    await errno_of(p.pause())
    codes = ["SI_USER", "SI_TKILL", "SI_TKILL", "SI_QUEUE", "SI_KERNEL", "SI_TIMER"]
    assert [info.code for info in calls.infos] == [p.kernel.code(name) for name in codes]


# Who takes a process-directed signal.


@table.row("targeting/K-1", seeds=30)
async def the_only_thread_that_can_takes_it(m, p):
    calls = Calls()
    one = p.kernel.sigset("SIGUSR1")
    await p.sigaction("SIGUSR1", Action(calls))
    await p.sigprocmask("SIG_BLOCK", one)

    async def taker():
        await p.sigprocmask("SIG_UNBLOCK", one)
        await idle(p)

    for name in ("A", "B"):
        await p.thr_new(idle, p, name=name)
    await p.thr_new(taker, name="T")
    await m.sleep(1)
    await p.kill(p.pid, "SIGUSR1")
    await m.sleep(1)
    assert calls.threads == ["T"]


@table.row("targeting/K-3", seeds=30)
async def the_first_to_unblock_takes_it(m, p):
    calls = Calls()
    one = p.kernel.sigset("SIGUSR1")
    await p.sigaction("SIGUSR1", Action(calls))
    await p.sigprocmask("SIG_BLOCK", one)
    await p.kill(p.pid, "SIGUSR1")

    async def taker():
        assert "SIGUSR1" in await p.sigpending()
        await p.sigprocmask("SIG_UNBLOCK", one)
        await p.sigprocmask("SIG_BLOCK", one)

    first = await p.thr_new(taker, name="T")
    await first.join()
    assert calls.threads == ["T"]
    await p.sigprocmask("SIG_UNBLOCK", one)
    assert len(calls) == 1


@table.row("targeting/K-5", seeds=200)
async def blocking_before_delivery_retargets(m, p):
    calls = Calls()
    one = p.kernel.sigset("SIGUSR1")
    await p.sigaction("SIGUSR1", Action(calls))

    async def other():
        for _ in range(4):
            await m.yield_now()

    thread = await p.thr_new(other, name="T")
    at(m, 0, lambda: p.post("SIGUSR1"))
    await p.sigprocmask("SIG_BLOCK", one)
    await m.yield_now()
    await thread.join()
    await p.sigprocmask("SIG_UNBLOCK", one)
    assert len(calls) == 1


@table.row("a handler's mask offers what it blocks to another thread")
async def a_frame_retargets(m, p):
    calls = Calls()

    async def slow(info, context):
        await m.sleep(5)

    await p.sigaction("SIGHUP", Action(slow, ("SIGUSR1",)))
    await p.sigaction("SIGUSR1", Action(calls))
    await p.thr_new(idle, p, name="T")
    main = m.current
    at(m, 1, lambda: p.post("SIGUSR1"))
    at(m, 1, lambda: p.post("SIGHUP", main))
    await m.sleep(2)
    assert calls.threads == ["T"]


@table.row("Linux prefers the main thread")
async def main_first(m, p):
    calls = Calls()
    await p.sigaction("SIGUSR1", Action(calls))
    threads = [await p.thr_new(idle, p, name=f"T{n}") for n in range(2)]
    await m.sleep(1)
    p.post("SIGUSR1")
    await m.sleep(1)
    assert calls.threads == ["main"]
    assert len(threads) == 2


@table.row("FreeBSD prefers the newest thread", kernel=FREEBSD)
async def newest_first(m, p):
    calls = Calls()
    await p.sigaction("SIGUSR1", Action(calls))
    for name in ("T1", "T2"):
        await p.thr_new(idle, p, name=name)
    await m.sleep(1)
    p.post("SIGUSR1")
    await m.sleep(1)
    assert calls.threads == ["T2"]


@table.row("FreeBSD prefers the caller", kernel=FREEBSD)
async def caller_first(m, p):
    calls = Calls()
    await p.sigaction("SIGUSR1", Action(calls))
    for name in ("T1", "T2"):
        await p.thr_new(idle, p, name=name)
    await m.sleep(1)
    await p.kill(p.pid, "SIGUSR1")
    assert calls.threads == ["main"]


def test_any_thread_that_can_is_a_choice() -> None:
    takers = set()

    async def program(m, p):
        calls = Calls()
        await p.sigaction("SIGUSR1", Action(calls))
        for name in ("T1", "T2"):
            await p.thr_new(idle, p, name=name)
        await m.sleep(1)
        p.post("SIGUSR1")
        await m.sleep(1)
        takers.update(calls.threads)
        p.exit(0)

    for seed in range(30):
        assert run(program, seed=seed, targeting="any").outcome.name == "ok"
    assert takers == {"main", "T1", "T2"}


# Ignored signals interrupt nothing.


@table.row("ignore/K-6")
async def ignored_interrupts_nothing(m, p):
    semaphore = Semaphore(m, "s")
    await p.sigaction("SIGUSR1", Action(IGNORE))
    await p.sigprocmask("SIG_BLOCK", p.kernel.sigset("SIGUSR2"))

    async def sleeps():
        start = m.now
        await p.nanosleep(3 * 10**9)
        assert near(m, start / 10**9 + 3)

    async def waits():
        await semaphore.wait()

    async def takes():
        assert (await p.sigwaitinfo(p.kernel.sigset("SIGUSR2"))).signal == "SIGUSR2"

    threads = [await p.thr_new(body) for body in (sleeps, waits, takes)]
    await m.sleep(1)
    for thread in threads:
        assert await p.pthread_kill(thread, "SIGUSR1") == 0
    await m.sleep(4)
    await semaphore.post()
    assert await p.pthread_kill(threads[2], "SIGUSR2") == 0
    for thread in threads:
        await thread.join()


@pytest.mark.parametrize("row", table, ids=table.ids)
def test_assertion(row: Row) -> None:
    row.check()
