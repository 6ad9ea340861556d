"""Assertions about sleeping and timers, each by its id."""

from __future__ import annotations

import pytest

from emu.posix.action import Action
from emu.posix.semaphore import Semaphore
from emu.posix.sleeping import SleepInterruptedError
from emu.posix.timespec import Timespec, Timeval
from tests.posix.harness import SECOND, Calls, Row, Table, at, blocked, eintr, errno_of, near, run

table = Table()


# Sleeping


@table.row("nanosleep/1-1")
async def sleeps_its_time(m, p):
    await p.nanosleep(Timespec(1))
    assert near(m, 1)
    assert m.now >= SECOND


for row in ("nanosleep/1-3", "nanosleep/3-1", "nanosleep/5-2", "nanosleep/7-1"):

    @table.row(row, each=[(), ("SA_RESTART",)])
    async def a_handler_ends_a_sleep(m, p, flags):
        calls = Calls()
        only = p.kernel.sigset("SIGUSR2")
        await p.sigprocmask("SIG_SETMASK", only)
        await p.sigaction("SIGUSR1", Action(calls, flags=p.kernel.flag(*flags)))
        at(m, 1, lambda: p.post("SIGUSR1"))
        with pytest.raises(SleepInterruptedError) as wrong:
            await p.nanosleep(Timespec(5))
        assert wrong.value.errno == p.kernel.errno("EINTR")
        assert abs(wrong.value.remaining - 4 * SECOND) < SECOND // 100
        assert near(m, 1)
        assert len(calls) == 1
        assert (await p.sigaction("SIGUSR1")).handler is calls
        assert await p.sigprocmask("SIG_BLOCK") == only


@table.row("nanosleep/3-2")
async def stop_and_continue_do_not_end_it(m, p):
    at(m, 1, lambda: p.post("SIGSTOP"))
    at(m, 2, lambda: p.post("SIGCONT"))
    await p.nanosleep(5 * SECOND)
    assert near(m, 5)


@table.row("nanosleep/5-1", seeds=0)
async def negative_nsec_is_refused(m, p):
    assert await errno_of(p.nanosleep(Timespec(0, -1))) == p.kernel.errno("EINVAL")


GOOD = [(0, 0), (0, 1), (0, 999_999_999), (1, 0), (1, 5000), (2, 999_999_999)]
BAD = [(-1, 0), (0, -1), (0, -5), (0, 10**9), (1, 10**9 + 1), (-1, -1), (-2, 10**9)]


@table.row("nanosleep/10000-1", seeds=0)
async def valid_and_invalid_times(m, p):
    for good in GOOD:
        await p.nanosleep(Timespec(*good))
    for bad in BAD:
        assert await errno_of(p.nanosleep(Timespec(*bad))) == p.kernel.errno("EINVAL")


@table.row("clock_nanosleep/1-1")
async def relative_sleep(m, p):
    assert await p.clock_nanosleep("CLOCK_MONOTONIC", Timespec(2)) == (0, 0)
    assert near(m, 2)


for row, absolute in (("clock_nanosleep/1-4", False), ("clock_nanosleep/2-3", True)):

    @table.row(row, "killed SIGTERM", each=[absolute])
    async def a_fatal_signal_ends_all(m, p, absolute):
        at(m, 1, lambda: p.post("SIGTERM"))
        await p.clock_nanosleep("CLOCK_REALTIME", Timespec(5), absolute=absolute)
        raise AssertionError


@table.row("clock_nanosleep/2-1")
async def absolute_sleep(m, p):
    await m.sleep(1)
    assert await p.clock_nanosleep("CLOCK_REALTIME", Timespec(3), absolute=True) == (0, 0)
    assert near(m, 3)


@table.row("clock_nanosleep/2-2")
async def a_handler_ends_an_absolute_sleep(m, p):
    await p.sigaction("SIGUSR1", Action(Calls()))
    at(m, 1, lambda: p.post("SIGUSR1"))
    number, left = await p.clock_nanosleep("CLOCK_REALTIME", Timespec(5), absolute=True)
    assert (number, left) == (p.kernel.errno("EINTR"), 0)
    assert near(m, 1)


@table.row("clock_nanosleep/3-1")
async def the_past_is_no_sleep(m, p):
    await m.sleep(2)
    assert await p.clock_nanosleep("CLOCK_REALTIME", Timespec(1), absolute=True) == (0, 0)
    assert near(m, 2)


@table.row("clock_nanosleep/10-1")
async def eintr_is_the_value(m, p):
    await p.sigaction("SIGUSR1", Action(Calls()))
    at(m, 1, lambda: p.post("SIGUSR1"))
    number, left = await p.clock_nanosleep("CLOCK_MONOTONIC", Timespec(5))
    assert number == p.kernel.errno("EINTR")
    assert abs(left - 4 * SECOND) < SECOND // 100


@table.row("clock_nanosleep/13-1", seeds=0, each=["CLOCK_THREAD_CPUTIME_ID", "CLOCK_NONE"])
async def unknown_clock_is_refused(m, p, clock):
    assert (await p.clock_nanosleep(clock, Timespec(1)))[0] == p.kernel.errno("EINVAL")


# Timers


@table.row("alarm/K-1")
async def alarm_comes_in_time(m, p):
    calls = Calls()
    await p.sigaction("SIGALRM", Action(calls, flags=p.kernel.flag("SA_SIGINFO")))
    assert await p.alarm(3) == 0
    await eintr(p, p.pause())
    assert near(m, 3)
    assert calls.infos[0].code == p.kernel.code("SI_KERNEL")


@table.row("alarm/K-3")
async def alarm_zero_cancels(m, p):
    calls = Calls()
    await p.sigaction("SIGALRM", Action(calls))
    await p.alarm(3)
    assert await p.alarm(0) == 3
    await m.sleep(5)
    assert not calls.names


@table.row("a pending alarm never reads 0")
async def what_is_left_is_rounded(m, p):
    await p.sigaction("SIGALRM", Action(Calls()))
    await p.alarm(1)
    await m.sleep(0.9)
    assert await p.alarm(0) == 1


@table.row("alarm/K-5")
async def alarm_interrupts_waits(m, p):
    semaphore = Semaphore(m, "s")
    await p.sigaction("SIGALRM", Action(Calls()))
    await p.alarm(1)
    await eintr(p, p.pause())
    await p.alarm(1)
    await eintr(p, semaphore.wait())
    await p.alarm(1)
    await eintr(p, p.nanosleep(10 * SECOND))
    assert near(m, 3)


@table.row("setitimer/K-1")
async def one_shot_and_periodic(m, p):
    moments = []

    async def handler(info, context):
        moments.append(m.now)

    await p.sigaction("SIGALRM", Action(handler))
    await p.setitimer("ITIMER_REAL", 100_000_000, 50_000_000)
    for _ in range(3):
        await eintr(p, p.pause())
    await p.setitimer("ITIMER_REAL", 0)
    await m.sleep(1)
    expected = [100_000_000, 150_000_000, 200_000_000]
    assert len(moments) == 3
    assert all(0 <= got - want < 1_000_000 for got, want in zip(moments, expected, strict=True))


@table.row("setitimer/K-2")
async def expirations_coalesce(m, p):
    calls = Calls()
    one = await blocked(p, "SIGALRM")
    await p.sigaction("SIGALRM", Action(calls))
    await p.setitimer("ITIMER_REAL", 10_000_000, 10_000_000)
    await m.sleep(0.2)
    await p.setitimer("ITIMER_REAL", 0)
    await p.sigprocmask("SIG_UNBLOCK", one)
    assert len(calls) == 1


@table.row("a POSIX timer counts what it missed", seeds=3)
async def overrun_is_counted(m, p):
    one = await blocked(p, "SIGUSR1")
    calls = Calls()
    await p.sigaction("SIGUSR1", Action(calls))
    timer = await p.timer_create("SIGUSR1", "value")
    await p.timer_settime(timer, 10_000_000, 10_000_000)
    await m.sleep(0.055)
    await p.sigprocmask("SIG_UNBLOCK", one)
    assert [info.value for info in calls.infos] == ["value"]
    assert await p.timer_getoverrun(timer) == 4
    await m.sleep(0.01)
    assert len(calls) == 2


@table.row("a signal from elsewhere does not arm a timer twice", seeds=3)
async def timer_is_armed_once(m, p):
    calls = Calls()
    await p.sigaction("SIGALRM", Action(calls))
    await p.setitimer("ITIMER_REAL", 100_000_000, 100_000_000)
    await m.sleep(0.15)
    await p.raise_("SIGALRM")
    await m.sleep(0.3)
    assert len(calls) == 5


@table.row("setitimer refuses what is no timer and no time", seeds=0)
async def setitimer_refuses(m, p):
    einval = p.kernel.errno("EINVAL")
    assert await errno_of(p.setitimer("ITIMER_NONE", 1)) == einval
    assert await errno_of(p.setitimer("ITIMER_REAL", Timeval(0, 1_000_000))) == einval
    assert await errno_of(p.setitimer("ITIMER_REAL", Timeval(0, -1))) == einval


@table.row("ITIMER_PROF is charged to the thread that runs", seeds=10)
async def prof_is_charged(m, p):
    calls = Calls()
    await p.sigaction("SIGPROF", Action(calls))

    async def burn():
        while len(calls) < 3:
            await m.checkpoint()

    thread = await p.thr_new(burn, name="burner")
    await m.sleep(0)
    await p.setitimer("ITIMER_PROF", 10_000, 10_000)
    await thread.join()
    assert "burner" in calls.threads


def test_a_profiling_timer_alone_keeps_no_process_alive() -> None:
    async def program(m, p):
        await p.sigaction("SIGPROF", Action(Calls()))
        await p.setitimer("ITIMER_PROF", SECOND, SECOND)
        await Semaphore(m, "never").wait()

    assert run(program).outcome.name == "stalled"


def test_profiling_stands_still_while_all_sleep() -> None:
    calls = Calls()

    async def program(m, p):
        await p.sigaction("SIGPROF", Action(calls))
        await p.setitimer("ITIMER_PROF", SECOND, SECOND)
        await m.sleep(100)

    assert run(program).outcome.name == "ok"
    assert not calls.names


@pytest.mark.parametrize("row", table, ids=table.ids)
def test_assertion(row: Row) -> None:
    row.check()
