"""What delivery does beyond the assertions that have an id."""

from __future__ import annotations

import pytest

from emu.posix.action import DEFAULT, IGNORE, Action
from emu.posix.freebsd import FREEBSD
from emu.posix.jump import Jump
from tests.posix.harness import Calls, Row, Table, at, blocked, eintr, idle, near, run, seen

table = Table()


@table.row("a signal pending in both sets is delivered twice", seeds=0)
async def pending_in_both_sets(m, p):
    calls = Calls()
    one = await blocked(p, "SIGUSR1")
    await p.sigaction("SIGUSR1", Action(calls))
    await p.raise_("SIGUSR1")
    await p.kill(p.pid, "SIGUSR1")
    await p.sigprocmask("SIG_UNBLOCK", one)
    assert len(calls) == 2


@table.row("SA_RESETHAND does not unblock the signal, and keeps SA_SIGINFO", seeds=0)
async def resethand_is_not_nodefer(m, p):
    masks = []

    async def handler(info, context):
        masks.append(await p.sigprocmask("SIG_BLOCK"))

    flags = p.kernel.flag("SA_RESETHAND", "SA_SIGINFO")
    await p.sigaction("SIGILL", Action(handler, flags=flags))
    await p.raise_("SIGILL")
    assert "SIGILL" in masks[0]
    after = await p.sigaction("SIGILL")
    assert (after.handler, after.flags) == (DEFAULT, flags)


@table.row("SA_RESETHAND clears SA_SIGINFO on FreeBSD", kernel=FREEBSD, seeds=0)
async def resethand_clears_siginfo(m, p):
    flags = p.kernel.flag("SA_RESETHAND", "SA_SIGINFO")
    await p.sigaction("SIGUSR1", Action(Calls(), flags=flags))
    await p.raise_("SIGUSR1")
    assert (await p.sigaction("SIGUSR1")).flags == p.kernel.flag("SA_RESETHAND")


@table.row("a mask that names the signal blocks it in spite of SA_NODEFER", seeds=0)
async def mask_beats_nodefer(m, p):
    depths = []

    async def handler(info, context):
        depths.append(m.current.depth)
        if len(depths) == 1:
            await p.raise_("SIGUSR1")

    nodefer = p.kernel.flag("SA_NODEFER")
    await p.sigaction("SIGUSR1", Action(handler, ("SIGUSR1",), nodefer))
    await p.raise_("SIGUSR1")
    assert depths == [1, 1]


@table.row("a mask changed in a handler lasts until it returns", seeds=0)
async def mask_change_in_a_handler(m, p):
    async def handler(info, context):
        await p.sigprocmask("SIG_BLOCK", p.kernel.sigset("SIGTERM"))

    await p.sigaction("SIGUSR1", Action(handler))
    await p.raise_("SIGUSR1")
    assert await p.sigprocmask("SIG_BLOCK") == p.kernel.empty()


@table.row("a jump restores the mask that was saved", seeds=0)
async def siglongjmp_restores_the_mask(m, p):
    buffer = p.sigsetjmp()

    async def handler(info, context):
        await p.siglongjmp(buffer, 7)

    await p.sigaction("SIGUSR1", Action(handler))
    for _ in range(2):
        with pytest.raises(Jump) as jump:
            await p.raise_("SIGUSR1")
        assert jump.value.land(buffer) == 7
        assert await p.sigprocmask("SIG_BLOCK") == p.kernel.empty()


@table.row("a jump without a saved mask leaves the handler's", seeds=0)
async def longjmp_leaves_the_mask(m, p):
    buffer = p.sigsetjmp(savemask=False)

    async def handler(info, context):
        await p.siglongjmp(buffer)

    await p.sigaction("SIGUSR1", Action(handler, ("SIGUSR2",)))
    with pytest.raises(Jump):
        await p.raise_("SIGUSR1")
    assert await p.sigprocmask("SIG_BLOCK") == p.kernel.sigset("SIGUSR1", "SIGUSR2")


@table.row("a jump takes the frames above its target along", seeds=0)
async def jump_drops_the_frames_above(m, p):
    buffer, calls = p.sigsetjmp(), Calls()

    async def jumper(info, context):
        await p.siglongjmp(buffer)

    both = await blocked(p, "SIGHUP", "SIGTERM")
    await p.sigaction("SIGHUP", Action(calls))
    await p.sigaction("SIGTERM", Action(jumper))
    await p.raise_("SIGHUP")
    await p.raise_("SIGTERM")
    with pytest.raises(Jump):
        await p.sigprocmask("SIG_UNBLOCK", both)
    assert not calls.names
    assert not p.signals(m.current).frames


@table.row("setting the default discards what would be ignored, and nothing else", seeds=0)
async def default_discards_ignorable(m, p):
    await blocked(p, "SIGCHLD", "SIGUSR1")
    for name in ("SIGCHLD", "SIGUSR1"):
        await p.sigaction(name, Action(Calls()))
        await p.raise_(name)
        await p.sigaction(name, Action(DEFAULT))
    assert await p.sigpending() == p.kernel.sigset("SIGUSR1")


@table.row("every deliverable handler has run when sigsuspend returns", seeds=0)
async def sigsuspend_runs_all(m, p):
    calls = Calls()
    both = await blocked(p, "SIGUSR1", "SIGUSR2")
    for name in ("SIGUSR1", "SIGUSR2"):
        await p.sigaction(name, Action(calls))
        await p.raise_(name)
    await eintr(p, p.sigsuspend(p.kernel.empty()))
    assert sorted(calls.names) == ["SIGUSR1", "SIGUSR2"]
    assert await p.sigprocmask("SIG_BLOCK") == both


@table.row("the handler of sigsuspend runs with the mask of sigsuspend", seeds=3)
async def handler_mask_in_sigsuspend(m, p):
    masks = []

    async def handler(info, context):
        masks.append((await p.sigprocmask("SIG_BLOCK"), context.mask))

    before = await blocked(p, "SIGTERM")
    await p.sigaction("SIGUSR1", Action(handler))
    at(m, 1, lambda: p.post("SIGUSR1"))
    await eintr(p, p.sigsuspend(p.kernel.sigset("SIGHUP")))
    assert masks == [(p.kernel.sigset("SIGHUP", "SIGUSR1"), before)]


@table.row("each handler of sigsuspend returns to the mask of the one below", seeds=0)
async def handlers_of_sigsuspend_nest(m, p):
    masks = []

    async def handler(info, context):
        masks.append((info.signal, await p.sigprocmask("SIG_BLOCK")))

    await blocked(p, "SIGUSR1", "SIGUSR2")
    for name in ("SIGUSR1", "SIGUSR2"):
        await p.sigaction(name, Action(handler))
        await p.raise_(name)
    await eintr(p, p.sigsuspend(p.kernel.empty()))
    one = p.kernel.sigset("SIGUSR1")
    assert masks == [("SIGUSR2", one.add("SIGUSR2")), ("SIGUSR1", one)]


@table.row("a thread that has a signal to take already is not asked on Linux", seeds=0)
async def busy_thread_is_not_asked(m, p):
    calls = Calls()
    for name in ("SIGHUP", "SIGUSR1"):
        await p.sigaction(name, Action(calls, ("SIGUSR1",)))
    await p.thr_new(idle, p, name="T")
    main = m.current
    at(m, 1, lambda: (p.post("SIGHUP", main), p.post("SIGUSR1")))
    await m.sleep(2)
    taken = dict(zip(calls.names, calls.threads, strict=True))
    assert taken == {"SIGHUP": "main", "SIGUSR1": "T"}


@table.row("the main thread's handler wins over a waiter on Linux", seeds=10)
async def main_wins_over_a_waiter(m, p):
    calls, taken = Calls(), []
    one = p.kernel.sigset("SIGUSR1")
    await p.sigaction("SIGUSR1", Action(calls))

    async def waiter():
        taken.append(await p.sigwait(one))

    await p.thr_new(waiter)
    await m.sleep(1)
    p.post("SIGUSR1")
    await m.sleep(1)
    assert (calls.threads, taken) == (["main"], [])


@table.row("an ignored signal is kept for a waiter", seeds=10)
async def ignored_is_kept_for_a_waiter(m, p):
    one = await blocked(p, "SIGCHLD")
    at(m, 1, lambda: p.post("SIGCHLD"))
    assert await p.sigwait(one) == p.kernel.number("SIGCHLD")
    assert near(m, 1)


@table.row("a fatal signal that is waited for does not kill", seeds=10)
async def waited_for_does_not_kill(m, p):
    one = await blocked(p, "SIGTERM")
    at(m, 1, lambda: p.post("SIGTERM"))
    assert await p.sigwait(one) == p.kernel.number("SIGTERM")


@table.row("sigwaitinfo may end although no handler ran and nothing was taken", seeds=0)
async def sigwaitinfo_may_end_for_nothing(m, p):
    one = await blocked(p, "SIGUSR1")
    main = m.current

    def robbed():
        p.post("SIGUSR1")
        p.pending.take(p.kernel.number("SIGUSR1"))

    at(m, 1, robbed)
    await eintr(p, p.sigwaitinfo(one))
    assert p.signals(main).mask == one


@table.row("signals that become deliverable in a handler run at its return", seeds=0)
async def unblocked_by_the_return(m, p):
    order: list[str | tuple[str, int]] = []

    async def outer(info, context):
        await p.raise_("SIGUSR2")
        order.append("outer")

    async def inner(info, context):
        order.append(("inner", m.current.depth))

    await p.sigaction("SIGUSR1", Action(outer, ("SIGUSR2",)))
    await p.sigaction("SIGUSR2", Action(inner))
    await p.raise_("SIGUSR1")
    order.append("after")
    assert order == ["outer", ("inner", 1), "after"]


@table.row("kill over the limit collapses to one instance", seeds=0, queue_limit=2)
async def kill_over_the_limit_collapses(m, p):
    calls = Calls()
    one = await blocked(p, "SIGRTMIN", "SIGRTMIN+1")
    for name in ("SIGRTMIN", "SIGRTMIN+1"):
        await p.sigaction(name, Action(calls))
    for _ in range(4):
        await p.kill(p.pid, "SIGRTMIN")
    for _ in range(2):
        await p.kill(p.pid, "SIGRTMIN+1")
    await p.sigprocmask("SIG_UNBLOCK", one)
    assert sorted(calls.names) == ["SIGRTMIN", "SIGRTMIN", "SIGRTMIN+1"]


@table.row("continue resumes even if it is blocked, and is caught afterwards", seeds=3)
async def blocked_continue_resumes(m, p):
    calls = Calls()
    await p.sigaction("SIGCONT", Action(calls))
    one = await blocked(p, "SIGCONT")
    at(m, 1, lambda: p.post("SIGSTOP"))
    at(m, 3, lambda: p.post("SIGCONT"))
    await m.sleep(2)
    assert near(m, 3)
    assert not calls.names
    await p.sigprocmask("SIG_UNBLOCK", one)
    assert len(calls) == 1


@table.row("an ignored signal does not wake", seeds=3)
async def ignored_does_not_wake(m, p):
    await p.sigaction("SIGUSR1", Action(IGNORE))
    at(m, 1, lambda: p.post("SIGUSR1"))
    await p.nanosleep(3 * 10**9)
    assert near(m, 3)


@table.row("what an ending thread was to take goes to another", seeds=0)
async def an_ending_thread_passes_on(m, p):
    from emu.posix.cancellation import Cancellation
    from emu.posix.threads import Pthreads

    threads, cancellation, calls = m.service(Pthreads), m.service(Cancellation), Calls()
    one = await blocked(p, "SIGUSR1")
    await p.sigaction("SIGUSR1", Action(calls))

    async def first():
        await p.sigprocmask("SIG_UNBLOCK", one)
        await p.pause()

    async def second():
        await p.sigprocmask("SIG_UNBLOCK", one)
        await idle(p)

    victim = await threads.create(first, name="first")
    await threads.create(second, name="second")
    await m.sleep(1)
    await cancellation.cancel(victim)
    p.post("SIGUSR1")
    await m.sleep(3)
    assert calls.threads == ["second"]


def test_the_log_shows_frames_as_they_are_built_and_left() -> None:
    async def program(m, p):
        both = await blocked(p, "SIGHUP", "SIGTERM")
        for name in ("SIGHUP", "SIGTERM"):
            await p.sigaction(name, Action(Calls()))
            await p.raise_(name)
        await p.sigprocmask("SIG_UNBLOCK", both)

    history = run(program)
    assert seen(history, "signal.deliver") == ["SIGHUP", "SIGTERM"]
    assert seen(history, "signal.enter") == ["SIGTERM", "SIGHUP"]
    assert seen(history, "signal.return") == ["SIGTERM", "SIGHUP"]
    assert seen(history, "signal.send", "fate") == ["pending", "pending"]


def test_the_fate_of_every_signal_is_in_the_log() -> None:
    async def program(m, p):
        await p.sigaction("SIGUSR1", Action(IGNORE))
        await p.raise_("SIGUSR1")
        await blocked(p, "SIGUSR2")
        await p.raise_("SIGUSR2")
        await p.raise_("SIGUSR2")

    assert seen(run(program), "signal.send", "fate") == ["ignored", "pending", "coalesced"]


@pytest.mark.parametrize("row", table, ids=table.ids)
def test_row(row: Row) -> None:
    row.check()
