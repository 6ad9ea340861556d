"""Assertions about blocking calls that signals interrupt, each by its id."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from emu.posix.action import Action
from emu.posix.futex import Futex
from emu.posix.memory import Atomic
from emu.posix.pipe import Pipe
from emu.posix.semaphore import Semaphore
from tests.posix.harness import SECOND, Calls, Row, Table, at, errno_of, near

table = Table()


def restartable(m, p):
    """The restartable calls by name: how each is made, and how it is completed."""
    pipe, full = Pipe(m, "pipe"), Pipe(m, "full", 1)
    semaphore, futex = Semaphore(m, "s"), Futex(m, Atomic(m, "word"))
    full.messages.append("old")
    return {
        "read": (pipe.read, lambda: pipe.write("x")),
        "write": (lambda: full.write("x"), full.read),
        "sem_wait": (semaphore.wait, semaphore.post),
        "futex": (lambda: futex.wait(0), futex.wake),
    }


@table.row("restart/K-1", each=["read", "write", "sem_wait", "futex"], seeds=10)
async def restarts_with_the_flag_only(m, p, name):
    for flags in ((), ("SA_RESTART",)):
        calls = Calls()
        call, complete = restartable(m, p)[name]
        await p.sigaction("SIGUSR1", Action(calls, flags=p.kernel.flag(*flags)))
        ended: list[int | None] = []

        async def body(call=call, ended=ended):
            try:
                await call()
            except OSError as error:
                ended.append(error.errno)
            else:
                ended.append(0)

        thread = await p.thr_new(body)
        await m.sleep(1)
        await p.pthread_kill(thread, "SIGUSR1")
        await m.sleep(1)
        assert len(calls) == 1
        assert ended == ([] if flags else [p.kernel.errno("EINTR")])
        await complete()
        await thread.join()
        assert ended == [0 if flags else p.kernel.errno("EINTR")]


def timed(m, p, duration=5 * SECOND):
    """The calls that any handler ends, by name."""
    pipe, empty = Pipe(m, "pipe"), p.kernel.empty()
    futex = Futex(m, Atomic(m, "word"))
    return {
        "pause": p.pause,
        "sigsuspend": lambda: p.sigsuspend(empty),
        "nanosleep": lambda: p.nanosleep(duration),
        "poll": lambda: pipe.poll(duration),
        "futex": lambda: futex.wait(0, m.now + duration),
        "epoll_wait": lambda: pipe.epoll_wait(duration),
        "recv": lambda: pipe.recv(duration),
        "sigtimedwait": lambda: p.sigtimedwait(empty, duration),
        "sigwaitinfo": lambda: p.sigwaitinfo(empty),
    }


ALWAYS = [
    "pause",
    "sigsuspend",
    "nanosleep",
    "poll",
    "futex",
    "epoll_wait",
    "recv",
    "sigtimedwait",
    "sigwaitinfo",
]


@table.row("restart/K-2", each=[(n, f) for n in ALWAYS for f in ((), ("SA_RESTART",))], seeds=3)
async def eintr_restart_or_not(m, p, item):
    name, flags = item
    await p.sigaction("SIGUSR1", Action(Calls(), flags=p.kernel.flag(*flags)))
    at(m, 1, lambda: p.post("SIGUSR1"))
    with pytest.raises(OSError) as wrong:
        await timed(m, p)[name]()
    assert wrong.value.errno == p.kernel.errno("EINTR")
    assert near(m, 1)


@table.row("restart/K-5", each=["epoll_wait", "recv", "sigtimedwait", "sigwaitinfo"], seeds=3)
async def stop_and_continue_end_it(m, p, name):
    at(m, 1, lambda: p.post("SIGSTOP"))
    at(m, 2, lambda: p.post("SIGCONT"))
    with pytest.raises(OSError) as wrong:
        await timed(m, p)[name]()
    assert wrong.value.errno == p.kernel.errno("EINTR")
    assert near(m, 2)


@table.row("restart/K-5: in a thread that did not take the stop", seeds=3)
async def stop_ends_the_waits_of_all_threads(m, p):
    number = []

    async def waiter():
        number.append(await errno_of(p.sigwaitinfo(p.kernel.sigset("SIGUSR1"))))

    thread = await p.thr_new(waiter)
    main = m.current
    at(m, 1, lambda: p.post("SIGSTOP", main))
    at(m, 2, lambda: p.post("SIGCONT", main))
    await m.sleep(3)
    await thread.join()
    assert number == [p.kernel.errno("EINTR")]


@table.row("restart/K-5: the others go on", each=["nanosleep", "poll", "futex"], seeds=3)
async def stop_and_continue_do_not_end_it(m, p, name):
    at(m, 1, lambda: p.post("SIGSTOP"))
    at(m, 2, lambda: p.post("SIGCONT"))
    ends = pytest.raises(OSError, match="ETIMEDOUT") if name == "futex" else nullcontext()
    with ends:
        await timed(m, p)[name]()
    assert near(m, 5)


@table.row("restart/K-5: untimed ones go on", each=["pause", "sigsuspend"], seeds=3)
async def untimed_go_on_after_continue(m, p, name):
    await p.sigaction("SIGUSR1", Action(Calls()))
    at(m, 1, lambda: p.post("SIGSTOP"))
    at(m, 2, lambda: p.post("SIGCONT"))
    at(m, 5, lambda: p.post("SIGUSR1"))
    with pytest.raises(OSError):
        await timed(m, p)[name]()
    assert near(m, 5)


@table.row("the first frame decides whether a call restarts", seeds=3)
async def first_frame_decides(m, p):
    pipe = Pipe(m, "pipe")
    restart = p.kernel.flag("SA_RESTART")
    await p.sigaction("SIGHUP", Action(Calls(), flags=restart))
    await p.sigaction("SIGUSR1", Action(Calls()))
    at(m, 1, lambda: (p.post("SIGHUP"), p.post("SIGUSR1")))
    at(m, 3, lambda: pipe.messages.append("x"))
    at(m, 3, pipe._readers.wake)
    assert await pipe.read() == "x"


@pytest.mark.parametrize("row", table, ids=table.ids)
def test_assertion(row: Row) -> None:
    row.check()
