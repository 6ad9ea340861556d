"""Assertions about sending and about who takes a signal, each by its id."""

from __future__ import annotations

import pytest

from emu.posix.action import Action
from emu.posix.freebsd import FREEBSD
from tests.posix.harness import Calls, Row, Table, at, errno_of, idle

table = Table()


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
    done: list[bool] = []

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


@pytest.mark.parametrize("row", table, ids=table.ids)
def test_assertion(row: Row) -> None:
    row.check()
