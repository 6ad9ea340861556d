"""Assertions about which thread takes a signal, each by its id."""

from __future__ import annotations

import pytest

from emu.posix.action import IGNORE, Action
from emu.posix.freebsd import FREEBSD
from emu.posix.semaphore import Semaphore
from tests.posix.harness import Calls, Row, Table, at, idle, near, run

table = Table()


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
