"""Assertions about waiting for signals, sleeping and timers, each by its id."""

from __future__ import annotations

from functools import partial

import pytest

from emu.posix.action import IGNORE, Action
from tests.posix.harness import SECOND, Calls, Row, Table, at, blocked, eintr, errno_of, near

table = Table()


# sigsuspend and pause


@table.row("sigsuspend/1-1")
async def mask_is_replaced_meanwhile(m, p):
    calls = Calls()
    for name in ("SIGUSR1", "SIGUSR2"):
        await p.sigaction(name, Action(calls))
    await p.sigprocmask("SIG_SETMASK", p.kernel.sigset("SIGUSR1"))
    at(m, 1, lambda: p.post("SIGUSR2"))
    at(m, 2, lambda: p.post("SIGUSR1"))
    await eintr(p, p.sigsuspend(p.kernel.sigset("SIGUSR2")))
    assert calls.names == ["SIGUSR1", "SIGUSR2"]
    assert near(m, 2)


@table.row("sigsuspend/4-1")
async def mask_is_put_back(m, p):
    only = p.kernel.sigset("SIGUSR1")
    await p.sigaction("SIGUSR1", Action(Calls()))
    await p.sigprocmask("SIG_SETMASK", only)
    at(m, 1, lambda: p.post("SIGUSR1"))
    await eintr(p, p.sigsuspend(p.kernel.sigset("SIGUSR2")))
    assert await p.sigprocmask("SIG_BLOCK") == only


@table.row("sigsuspend/5-xml", "killed SIGKILL")
async def kill_stays_unblocked(m, p):
    at(m, 1, lambda: p.post("SIGKILL"))
    await p.sigsuspend(p.kernel.every())


@table.row("sigsuspend/6-1")
async def it_fails_after_a_handler(m, p):
    calls = Calls()
    await p.sigaction("SIGUSR1", Action(calls))
    at(m, 1, lambda: p.post("SIGUSR1"))
    await errno_of(p.sigsuspend(p.kernel.empty()))
    assert len(calls) == 1


@table.row("sigsuspend/7-xml", each=[(), ("SA_RESTART",)])
async def eintr_restart_or_not(m, p, flags):
    await p.sigaction("SIGUSR1", Action(Calls(), flags=p.kernel.flag(*flags)))
    at(m, 1, lambda: p.post("SIGUSR1"))
    await eintr(p, p.sigsuspend(p.kernel.empty()))


@table.row("sigsuspend/K-2")
async def ignored_signals_do_not_end_it(m, p):
    await p.sigaction("SIGUSR1", Action(IGNORE))
    await p.sigaction("SIGALRM", Action(Calls()))
    for moment, name in enumerate(("SIGUSR1", "SIGCHLD", "SIGWINCH"), start=1):
        at(m, moment, partial(p.post, name))
    at(m, 5, lambda: p.post("SIGALRM"))
    await eintr(p, p.sigsuspend(p.kernel.empty()))
    assert near(m, 5)


@table.row("what is pending ends sigsuspend at once, and its mask is gone after", seeds=0)
async def pending_ends_sigsuspend(m, p):
    calls = Calls()
    only = p.kernel.sigset("SIGUSR1")
    await p.sigaction("SIGUSR1", Action(calls))
    await p.sigprocmask("SIG_SETMASK", only)
    await p.raise_("SIGUSR1")
    await eintr(p, p.sigsuspend(p.kernel.empty()))
    assert len(calls) == 1
    assert await p.sigprocmask("SIG_BLOCK") == only


# sigwait and its kin


for row in ("sigwait/1-1", "sigwait/8-1"):

    @table.row(row, seeds=0)
    async def pending_is_taken(m, p):
        calls = Calls()
        one = await blocked(p, "SIGUSR2")
        await p.sigaction("SIGUSR2", Action(calls))
        await p.raise_("SIGUSR2")
        assert await p.sigwait(one) == p.kernel.number("SIGUSR2")
        assert await p.sigpending() == p.kernel.empty()
        assert not calls.names


@table.row("sigwait/2-1", seeds=0)
async def one_instance_a_call(m, p):
    one = await blocked(p, "SIGRTMIN")
    await p.raise_("SIGRTMIN")
    await p.raise_("SIGRTMIN")
    await p.sigwait(one)
    assert "SIGRTMIN" in await p.sigpending()
    await p.sigwait(one)
    assert "SIGRTMIN" not in await p.sigpending()


@table.row("sigwait/3-1", seeds=0)
async def standard_is_taken_whole(m, p):
    one = await blocked(p, "SIGUSR2")
    for _ in range(4):
        await p.raise_("SIGUSR2")
    await p.sigwait(one)
    assert "SIGUSR2" not in await p.sigpending()


@table.row("sigwait/4-1")
async def it_waits_for_the_signal(m, p):
    one = await blocked(p, "SIGALRM")
    await p.alarm(3)
    await p.sigwait(one)
    assert near(m, 3)


@table.row("sigwait/6-2", seeds=20)
async def the_target_alone_wakes(m, p):
    one = await blocked(p, "SIGUSR1")
    done = []

    async def waiter():
        await p.sigwait(one)
        done.append(m.current.name)

    threads = [await p.thr_new(waiter, name=f"T{n}") for n in range(5)]
    await m.sleep(1)
    await p.pthread_kill(threads[0], "SIGUSR1")
    await m.sleep(1)
    assert done == ["T0"]


@table.row("sigwait/K-1", seeds=20)
async def waiting_beats_the_own_handler(m, p):
    calls = Calls()
    one = p.kernel.sigset("SIGUSR1")
    await p.sigaction("SIGUSR1", Action(calls))

    async def waiter():
        await p.sigprocmask("SIG_UNBLOCK", one)
        assert await p.sigwait(one) == p.kernel.number("SIGUSR1")

    await blocked(p, "SIGUSR1")
    thread = await p.thr_new(waiter)
    await m.sleep(1)
    await p.kill(p.pid, "SIGUSR1")
    await thread.join()
    assert not calls.names


@table.row("sigwait/K-4", seeds=0)
async def default_ignored_can_be_waited_for(m, p):
    one = await blocked(p, "SIGCHLD")
    await p.raise_("SIGCHLD")
    assert await p.sigwait(one) == p.kernel.number("SIGCHLD")


for row in ("sigwaitinfo/1-1", "sigwaitinfo/5-1", "sigwaitinfo/9-1"):

    @table.row(row, seeds=0)
    async def info_is_given(m, p):
        calls = Calls()
        one = await blocked(p, "SIGUSR1")
        await p.sigaction("SIGUSR1", Action(calls))
        await p.raise_("SIGUSR1")
        assert (await p.sigwaitinfo(one)).number == p.kernel.number("SIGUSR1")
        assert await p.sigpending() == p.kernel.empty()
        assert not calls.names


@table.row("sigwaitinfo/3-1")
async def it_suspends(m, p):
    one = await blocked(p, "SIGUSR1")
    at(m, 2, lambda: p.post("SIGUSR1"))
    assert (await p.sigwaitinfo(one)).signal == "SIGUSR1"
    assert near(m, 2)


@table.row("sigwaitinfo/7-1", seeds=0)
async def values_come_in_order(m, p):
    one = await blocked(p, "SIGRTMIN")
    for value in (5, 4, 3, 2, 1):
        await p.sigqueue(p.pid, "SIGRTMIN", value)
    assert [(await p.sigwaitinfo(one)).value for _ in range(5)] == [5, 4, 3, 2, 1]


@table.row("sigwaitinfo/K-2", each=[(), ("SA_RESTART",)])
async def another_handler_ends_it(m, p, flags):
    one = await blocked(p, "SIGUSR1")
    await p.sigaction("SIGUSR2", Action(Calls(), flags=p.kernel.flag(*flags)))
    at(m, 1, lambda: p.post("SIGUSR2"))
    await eintr(p, p.sigwaitinfo(one))
    assert await p.sigprocmask("SIG_BLOCK") == one


for row in ("sigtimedwait/1-1", "sigtimedwait/6-1"):

    @table.row(row)
    async def the_whole_time_passes(m, p):
        one = await blocked(p, "SIGUSR1")
        assert await errno_of(p.sigtimedwait(one, SECOND)) == p.kernel.errno("EAGAIN")
        assert near(m, 1)


@table.row("sigtimedwait/4-1", seeds=0)
async def pending_needs_no_time(m, p):
    one = await blocked(p, "SIGUSR1")
    await p.raise_("SIGUSR1")
    assert (await p.sigtimedwait(one, 0)).signal == "SIGUSR1"


@table.row("sigtimedwait/5-1", seeds=0)
async def nothing_pending_and_no_time(m, p):
    one = await blocked(p, "SIGUSR1")
    assert await errno_of(p.sigtimedwait(one, 0)) == p.kernel.errno("EAGAIN")


@table.row("sigtimedwait/K-2")
async def another_handler_ends_it_at_its_time(m, p):
    one = await blocked(p, "SIGUSR1")
    await p.sigaction("SIGUSR2", Action(Calls()))
    at(m, 1, lambda: p.post("SIGUSR2"))
    await eintr(p, p.sigtimedwait(one, 5 * SECOND))
    assert near(m, 1)


@table.row("one signal for several waiters is taken once", seeds=30)
async def one_of_several_takes_it(m, p):
    one = await blocked(p, "SIGUSR1")
    taken = []

    async def waiter():
        await p.sigwait(one)
        taken.append(m.current.name)

    for _ in range(3):
        await p.thr_new(waiter)
    await m.sleep(1)
    await p.kill(p.pid, "SIGUSR1")
    await m.sleep(1)
    assert len(taken) == 1


@pytest.mark.parametrize("row", table, ids=table.ids)
def test_assertion(row: Row) -> None:
    row.check()
