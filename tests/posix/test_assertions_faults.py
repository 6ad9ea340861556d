"""Assertions about default actions, stopping, faults and bad frames, each by its id."""

from __future__ import annotations

import pytest

from emu.posix.action import IGNORE, Action
from emu.posix.altstack import AltStack
from emu.posix.freebsd import FREEBSD
from tests.posix.harness import Calls, Row, Table, at, near, run, seen

table = Table()
TERMINATE = [
    "HUP",
    "INT",
    "KILL",
    "USR1",
    "USR2",
    "PIPE",
    "ALRM",
    "TERM",
    "STKFLT",
    "VTALRM",
    "PROF",
    "IO",
    "PWR",
]
REALTIME = ["SIG32", "SIG33", "SIGRTMIN", *(f"SIGRTMIN+{n}" for n in range(1, 31))]


# Default actions.


@table.row(
    "default-action/K-1",
    "killed {}",
    each=[f"SIG{name}" for name in TERMINATE] + REALTIME,
    seeds=0,
)
async def terminates(m, p, name):
    number = int(name[3:]) if name[3:].isdigit() else name
    at(m, 1, lambda: p.post(number))
    await m.sleep(2)
    raise AssertionError


@table.row(
    "default: core",
    "killed {}",
    each=["SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGSEGV", "SIGSYS"],
    seeds=2,
)
async def dumps_core(m, p, name):
    at(m, 1, lambda: p.post(name))
    await m.sleep(2)
    raise AssertionError


@table.row("default-action/K-3", each=["SIGCHLD", "SIGURG", "SIGWINCH", "SIGCONT"], seeds=2)
async def does_nothing(m, p, name):
    at(m, 1, lambda: p.post(name))
    await m.sleep(2)
    assert near(m, 2)


@table.row("default-action/K-5", "killed SIGTERM", seeds=20)
async def one_threads_death_is_the_death_of_all(m, p):
    async def other():
        while True:
            await m.yield_now()
            assert m.events[-1][0] != "process.kill"

    async def victim():
        await m.sleep(100)

    thread = await p.thr_new(victim)
    await p.thr_new(other)
    await p.pthread_kill(thread, "SIGTERM")
    raise AssertionError


def test_a_core_is_told_from_plain_death() -> None:
    async def program(m, p):
        await p.raise_("SIGQUIT")

    assert seen(run(program), "process.kill", "core") == [True]


# Stopping.


@table.row("stop-cont/K-1", seeds=0)
async def stop_and_continue_cancel_each_other(m, p):
    stops = ("SIGTSTP", "SIGTTIN", "SIGTTOU")
    await p.sigprocmask("SIG_BLOCK", p.kernel.sigset(*stops, "SIGCONT"))
    for name in stops:
        await p.raise_(name)
    assert await p.sigpending() == p.kernel.sigset(*stops)
    await p.kill(p.pid, "SIGCONT")
    assert await p.sigpending() == p.kernel.sigset("SIGCONT")
    await p.raise_("SIGTSTP")
    assert await p.sigpending() == p.kernel.sigset("SIGTSTP")


@table.row("stop-cont/K-3")
async def handler_runs_only_after_continue(m, p):
    moments = []

    async def handler(info, context):
        moments.append(m.now)

    await p.sigaction("SIGUSR1", Action(handler))
    at(m, 1, lambda: p.post("SIGSTOP"))
    at(m, 2, lambda: p.post("SIGUSR1"))
    at(m, 5, lambda: p.post("SIGCONT"))
    await m.sleep(3)
    assert len(moments) == 1
    assert 5 * 10**9 <= moments[0] < 5.1 * 10**9
    assert near(m, 5)


@table.row("stop-cont/K-3 with SIGTERM", "killed SIGTERM", seeds=0)
async def term_kills_only_after_continue(m, p):
    at(m, 1, lambda: p.post("SIGSTOP"))
    at(m, 2, lambda: p.post("SIGTERM"))
    at(m, 3, lambda: m.note("still there"))
    at(m, 5, lambda: p.post("SIGCONT"))
    await m.sleep(9)
    raise AssertionError


def test_term_waits_for_continue_and_kill_does_not() -> None:
    for name, moment in (("SIGTERM", 5), ("SIGKILL", 2)):

        async def program(m, p, name=name):
            at(m, 1, lambda: p.post("SIGSTOP"))
            at(m, 2, lambda: p.post(name))
            at(m, 5, lambda: p.post("SIGCONT"))
            await m.sleep(9)

        history = run(program)
        assert history.outcome.name == f"killed {name}"
        assert history.ending.t // 10**9 == moment


@table.row("stop-cont/K-5", seeds=0)
async def caught_tstp_does_not_stop(m, p):
    calls = Calls()
    await p.sigaction("SIGTSTP", Action(calls))
    await p.raise_("SIGTSTP")
    assert len(calls) == 1


@table.row("a stop stops every thread, and continue lets all go on")
async def all_threads_stop(m, p):
    ticks = []

    async def ticker():
        for _ in range(20):
            ticks.append(m.now)
            await m.sleep(0.1)

    thread = await p.thr_new(ticker)
    at(m, 1, lambda: p.post("SIGSTOP"))
    at(m, 5, lambda: p.post("SIGCONT"))
    await thread.join()
    assert not [tick for tick in ticks if 1.01 * 10**9 < tick < 5 * 10**9]
    assert len(ticks) == 20


@table.row("FreeBSD stops at once", kernel=FREEBSD)
async def freebsd_stops_at_generation(m, p):
    at(m, 1, lambda: p.post("SIGTSTP"))
    at(m, 5, lambda: p.post("SIGCONT"))
    await m.sleep(3)
    assert near(m, 5)


# Faults.


@table.row("fault/K-1", seeds=0)
async def the_faulting_thread_handles_it(m, p):
    calls = Calls()
    await p.sigaction("SIGSEGV", Action(calls, flags=p.kernel.flag("SA_SIGINFO")))

    async def faulty():
        await p.fault("SIGSEGV", 0x10, "SEGV_MAPERR")

    await (await p.thr_new(faulty, name="T")).join()
    (info,) = calls.infos
    assert (info.code, info.address) == (1, 0x10)
    assert calls.threads == ["T"]


@table.row("fault/K-3", "killed SIGSEGV", seeds=0)
async def ignored_fault_kills(m, p):
    await p.sigaction("SIGSEGV", Action(IGNORE))
    await p.raise_("SIGSEGV")
    await p.kill(p.pid, "SIGSEGV")
    await p.fault("SIGSEGV", 0x10, "SEGV_MAPERR")
    raise AssertionError


@table.row("a blocked fault kills, handler or not", "killed SIGSEGV", seeds=0)
async def blocked_fault_kills(m, p):
    calls = Calls()
    await p.sigaction("SIGSEGV", Action(calls))
    await p.sigprocmask("SIG_BLOCK", p.kernel.sigset("SIGSEGV"))
    await p.raise_("SIGSEGV")
    assert "SIGSEGV" in await p.sigpending()
    await p.fault("SIGSEGV", 0x10, "SEGV_MAPERR")
    raise AssertionError


@table.row("fault/K-5", "killed SIGSEGV", seeds=0)
async def fault_in_the_handler_kills(m, p):
    async def handler(info, context):
        await p.fault("SIGSEGV", 0x20, "SEGV_MAPERR")
        raise AssertionError

    await p.sigaction("SIGSEGV", Action(handler))
    await p.fault("SIGSEGV", 0x10, "SEGV_MAPERR")


@table.row("fault/K-5 with SA_NODEFER", seeds=0)
async def fault_in_the_handler_nests(m, p):
    depths = []

    async def handler(info, context):
        depths.append(m.current.depth)
        if len(depths) == 1:
            await p.fault("SIGSEGV", 0x20, "SEGV_MAPERR")

    await p.sigaction("SIGSEGV", Action(handler, flags=p.kernel.flag("SA_NODEFER")))
    await p.fault("SIGSEGV", 0x10, "SEGV_MAPERR")
    assert depths == [1, 2]


for row, flags in (("fault/K-7", ()), ("fault/K-7 with SA_ONSTACK", ("SA_ONSTACK",))):

    @table.row(row, "killed SIGSEGV", each=[flags], seeds=0)
    async def overflow_of_the_alternate_stack_kills(m, p, flags):
        second = Calls()

        async def first(info, context):
            context.stack.push(context.stack.sp - context.stack.base - 100)
            await p.raise_("SIGUSR2")
            raise AssertionError

        onstack = p.kernel.flag("SA_ONSTACK")
        await p.sigaltstack(AltStack(0x10_0000, 8192))
        await p.sigaction("SIGUSR1", Action(first, flags=onstack))
        await p.sigaction("SIGUSR2", Action(second, flags=p.kernel.flag(*flags)))
        await p.sigaction("SIGSEGV", Action(second, flags=onstack))
        await p.raise_("SIGUSR1")


@table.row("FreeBSD kills with SIGILL for a bad frame", "killed SIGILL", kernel=FREEBSD, seeds=0)
async def bad_frame_is_sigill(m, p):
    stack = p.signals(m.current).stack
    stack.push(stack.size - 10)
    await p.sigaction("SIGUSR1", Action(Calls()))
    await p.raise_("SIGUSR1")


@table.row("a full stack is survived with an alternate one for SIGSEGV", seeds=0)
async def bad_frame_is_caught(m, p):
    calls, other = Calls(), Calls()
    stack = p.signals(m.current).stack
    await p.sigaltstack(AltStack(0x10_0000, 8192))
    await p.sigaction("SIGSEGV", Action(calls, flags=p.kernel.flag("SA_ONSTACK")))
    await p.sigaction("SIGUSR1", Action(other))
    stack.push(stack.size - 10)
    await p.raise_("SIGUSR1")
    assert (calls.names, other.names) == (["SIGSEGV"], [])


@table.row("a fault is taken at the thread's next checkpoint")
async def fault_later(m, p):
    calls = Calls()
    await p.sigaction("SIGFPE", Action(calls))

    async def victim():
        await m.checkpoint("divide")

    thread = await p.thr_new(victim, name="V")
    p.fault_later(thread, "SIGFPE", 0x1234, "FPE_INTDIV")
    await thread.join()
    assert calls.threads == ["V"]
    assert calls.infos[0].address == 0x1234


@pytest.mark.parametrize("row", table, ids=table.ids)
def test_assertion(row: Row) -> None:
    row.check()
