"""Assertions about masks, sets and pending signals, each by its id."""

from __future__ import annotations

import pytest

from emu.posix.action import DEFAULT, IGNORE, Action
from emu.posix.freebsd import FREEBSD
from emu.posix.sigset import SigSet
from tests.posix.harness import SIGNALS, Calls, Row, Table

table = Table()


@table.row("sigprocmask/4-1")
async def block_unions(m, p):
    calls = Calls()
    k = p.kernel
    await p.sigaction("SIGABRT", Action(calls))
    await p.sigaction("SIGUSR2", Action(calls))
    await p.sigprocmask("SIG_SETMASK", k.sigset("SIGABRT"))
    await p.sigprocmask("SIG_BLOCK", k.sigset("SIGUSR2"))
    await p.raise_("SIGABRT")
    await p.raise_("SIGUSR2")
    assert not calls.names
    assert await p.sigpending() == k.sigset("SIGABRT", "SIGUSR2")


@table.row("sigprocmask/5-1")
async def setmask_replaces(m, p):
    calls = Calls()
    await p.sigaction("SIGABRT", Action(calls))
    await p.sigprocmask("SIG_BLOCK", p.kernel.sigset("SIGUSR1"))
    await p.sigprocmask("SIG_SETMASK", p.kernel.sigset("SIGABRT"))
    await p.raise_("SIGABRT")
    assert not calls.names
    assert "SIGABRT" in await p.sigpending()
    assert await p.sigprocmask("SIG_BLOCK") == p.kernel.sigset("SIGABRT")


@table.row("sigprocmask/7-1")
async def old_set_is_given(m, p):
    before = p.kernel.empty()
    for name in SIGNALS:
        assert await p.sigprocmask("SIG_BLOCK", p.kernel.sigset(name)) == before
        before = before.add(name)


for row, how in (
    ("sigprocmask/8-1", "SIG_BLOCK"),
    ("sigprocmask/8-2", "SIG_SETMASK"),
    ("sigprocmask/8-3", "SIG_UNBLOCK"),
):

    @table.row(row, each=[how])
    async def query_changes_nothing(m, p, how):
        only = p.kernel.sigset("SIGABRT")
        await p.sigprocmask("SIG_SETMASK", only)
        assert await p.sigprocmask(p.kernel.how[how], None) == only
        assert await p.sigprocmask("SIG_BLOCK") == only


@table.row("sigprocmask/9-1")
async def unblocking_delivers_before_return(m, p):
    calls = Calls()
    await p.sigaction("SIGABRT", Action(calls))
    await p.sigprocmask("SIG_SETMASK", p.kernel.sigset("SIGABRT"))
    await p.raise_("SIGABRT")
    assert not calls.names
    await p.sigprocmask("SIG_UNBLOCK", p.kernel.sigset("SIGABRT"))
    assert calls.names == ["SIGABRT"]


@table.row("sigprocmask/12-1", each=[-1, 3, 99])
async def unknown_how_leaves_the_mask(m, p, how):
    only = p.kernel.sigset("SIGABRT")
    await p.sigprocmask("SIG_SETMASK", only)
    with pytest.raises(OSError) as wrong:
        await p.sigprocmask(how, p.kernel.sigset("SIGABRT", "SIGALRM"))
    assert wrong.value.errno == p.kernel.errno("EINVAL")
    assert await p.sigprocmask("SIG_BLOCK") == only


@table.row("sigprocmask/15-1")
async def success_of_setmask(m, p):
    assert await p.sigprocmask("SIG_SETMASK", p.kernel.sigset("SIGABRT")) == p.kernel.empty()


@table.row("sigprocmask/K-1")
async def how_is_not_looked_at_in_a_query(m, p):
    assert await p.sigprocmask(99, None) == p.kernel.empty()


# In a thread of its own.


def threaded(row, **options):
    """A row whose program runs in a thread that main creates and joins."""

    def add(program):
        async def main(m, p, *item):
            await (await p.thr_new(program, m, p, *item, name="T")).join()

        table.row(row, **options)(main)
        return program

    return add


threaded("pthread_sigmask/4-1")(block_unions)


@threaded("pthread_sigmask/6-1")
async def unblock_removes(m, p):
    await p.pthread_sigmask("SIG_SETMASK", p.kernel.sigset("SIGABRT", "SIGUSR2"))
    number, before = await p.pthread_sigmask("SIG_UNBLOCK", p.kernel.sigset("SIGUSR2"))
    assert number == 0
    assert before == p.kernel.sigset("SIGABRT", "SIGUSR2")
    assert (await p.pthread_sigmask("SIG_BLOCK"))[1] == p.kernel.sigset("SIGABRT")


for row, how in (
    ("pthread_sigmask/8-1", "SIG_BLOCK"),
    ("pthread_sigmask/8-2", "SIG_SETMASK"),
    ("pthread_sigmask/8-3", "SIG_UNBLOCK"),
):

    @threaded(row, each=[how])
    async def query_in_a_thread(m, p, how):
        only = p.kernel.sigset("SIGABRT")
        await p.pthread_sigmask("SIG_SETMASK", only)
        assert await p.pthread_sigmask(how) == (0, only)
        assert await p.pthread_sigmask("SIG_BLOCK") == (0, only)


@threaded("pthread_sigmask/10-1")
async def kill_and_stop_are_never_blocked(m, p):
    both = p.kernel.sigset("SIGKILL", "SIGSTOP")
    assert (await p.pthread_sigmask("SIG_SETMASK", both))[0] == 0
    assert (await p.pthread_sigmask("SIG_BLOCK"))[1] == p.kernel.empty()


@threaded("pthread_sigmask/12-1")
async def bad_how_in_a_thread(m, p):
    only = p.kernel.sigset("SIGABRT")
    await p.pthread_sigmask("SIG_SETMASK", only)
    number, _ = await p.pthread_sigmask(99, p.kernel.fill())
    assert number == p.kernel.errno("EINVAL")
    assert (await p.pthread_sigmask("SIG_BLOCK"))[1] == only


@threaded("pthread_sigmask/14-1")
async def success_in_a_thread(m, p):
    assert (await p.pthread_sigmask("SIG_SETMASK", p.kernel.fill()))[0] == 0


@table.row("pthread_sigmask/15-1")
async def success_in_main(m, p):
    assert (await p.pthread_sigmask("SIG_SETMASK", p.kernel.fill()))[0] == 0


@table.row("pthread_sigmask/16-1")
async def the_error_is_the_value(m, p):
    assert (await p.pthread_sigmask(77, p.kernel.fill()))[0] == p.kernel.errno("EINVAL")


# Sets.


def outside(kernel):
    return (0, kernel.highest + 1, -1, 2**31 - 1)


@table.row("sigemptyset/1-1", seeds=0)
async def empty_excludes_all(m, p):
    assert not any(p.kernel.empty().has(name) for name in SIGNALS)


@table.row("sigfillset/1-1", seeds=0)
async def fill_includes_all(m, p):
    assert all(p.kernel.fill().has(name) for name in SIGNALS)


@table.row("sigaddset/1-1", seeds=0)
async def added_is_member(m, p):
    assert p.kernel.empty().add("SIGALRM").has("SIGALRM")


@table.row("sigaddset/1-3", seeds=0)
async def every_signal_can_be_added(m, p):
    signals = p.kernel.empty()
    for name in SIGNALS:
        signals = signals.add(name)
        assert signals.has(name)
    assert len(signals) == len(SIGNALS)


def refuses(call, kernel):
    for number in outside(kernel):
        with pytest.raises(OSError) as wrong:
            call(number)
        assert wrong.value.errno == kernel.errno("EINVAL")


@table.row("sigaddset/4-1", seeds=0)
async def invalid_cannot_be_added(m, p):
    refuses(p.kernel.empty().add, p.kernel)


@table.row("sigdelset/1-1", seeds=0)
async def removed_is_no_member(m, p):
    assert not p.kernel.fill().remove("SIGALRM").has("SIGALRM")


@table.row("sigdelset/1-3", seeds=0)
async def removing_a_stranger_is_harmless(m, p):
    only = p.kernel.sigset("SIGALRM")
    assert only.remove("SIGCHLD") == only


@table.row("sigdelset/4-1", seeds=0)
async def invalid_cannot_be_removed(m, p):
    refuses(p.kernel.fill().remove, p.kernel)


@table.row("sigismember/3-1", seeds=0)
async def member_of_full(m, p):
    assert p.kernel.fill().has("SIGABRT")


@table.row("sigismember/5-1", seeds=0)
async def invalid_is_no_question(m, p):
    refuses(p.kernel.fill().has, p.kernel)


# Pending.


@table.row("sigpending/1-1")
async def blocked_and_raised_only(m, p):
    await p.sigprocmask("SIG_BLOCK", p.kernel.sigset("SIGUSR2", "SIGHUP", "SIGQUIT"))
    await p.raise_("SIGUSR2")
    await p.raise_("SIGQUIT")
    assert await p.sigpending() == p.kernel.sigset("SIGUSR2", "SIGQUIT")


@table.row("sigpending/1-3")
async def blocked_by_mask_and_by_handler(m, p):
    found = []

    async def handler(info, context):
        await p.raise_("SIGUSR2")
        await p.raise_("SIGCONT")
        found.append(await p.sigpending())

    calls = Calls()
    for name in ("SIGUSR2", "SIGCONT"):
        await p.sigaction(name, Action(calls))
    await p.sigaction("SIGTTOU", Action(handler, ("SIGCONT", "SIGABRT", "SIGUSR1")))
    await p.sigprocmask("SIG_BLOCK", p.kernel.sigset("SIGUSR2", "SIGHUP"))
    await p.raise_("SIGTTOU")
    assert found == [p.kernel.sigset("SIGUSR2", "SIGCONT")]


@table.row("sigpending/2-1")
async def sigpending_shows_the_raised(m, p):
    await p.sigprocmask("SIG_BLOCK", p.kernel.sigset("SIGUSR2"))
    await p.raise_("SIGUSR2")
    assert "SIGUSR2" in await p.sigpending()


# Ignoring.


@table.row("ignore/K-1")
async def ignoring_discards_everywhere(m, p):
    calls = Calls()
    one = p.kernel.sigset("SIGUSR1")
    await p.sigprocmask("SIG_BLOCK", one)
    await p.raise_("SIGUSR1")
    await p.kill(p.pid, "SIGUSR1")
    await p.sigaction("SIGUSR1", Action(IGNORE))
    assert "SIGUSR1" not in await p.sigpending()
    await p.sigaction("SIGUSR1", Action(calls))
    await p.sigprocmask("SIG_UNBLOCK", one)
    assert not calls.names


@table.row("ignore/K-3")
async def ignored_while_blocked_becomes_pending(m, p):
    one = p.kernel.sigset("SIGUSR1")
    await p.sigaction("SIGUSR1", Action(IGNORE))
    await p.sigprocmask("SIG_BLOCK", one)
    await p.raise_("SIGUSR1")
    assert "SIGUSR1" in await p.sigpending()
    await p.sigprocmask("SIG_UNBLOCK", one)
    assert await p.sigpending() == p.kernel.empty()


@table.row("ignored while blocked is discarded by FreeBSD", kernel=FREEBSD)
async def ignored_while_blocked_is_discarded(m, p):
    await p.sigaction("SIGUSR1", Action(IGNORE))
    await p.sigprocmask("SIG_BLOCK", p.kernel.sigset("SIGUSR1"))
    await p.raise_("SIGUSR1")
    assert "SIGUSR1" not in await p.sigpending()


@table.row("signal/1-1")
async def default_is_restored(m, p):
    calls = Calls()
    await p.sigaction("SIGCHLD", Action(calls))
    await p.raise_("SIGCHLD")
    await p.sigaction("SIGCHLD", Action(DEFAULT))
    await p.raise_("SIGCHLD")
    assert len(calls) == 1


@table.row("signal/2-1")
async def ignored_is_not_pending(m, p):
    await p.sigaction("SIGCHLD", Action(IGNORE))
    await p.raise_("SIGCHLD")
    assert await p.sigpending() == p.kernel.empty()


@table.row("signal/3-1")
async def function_is_called(m, p):
    calls = Calls()
    await p.sigaction("SIGCHLD", Action(calls))
    await p.raise_("SIGCHLD")
    assert calls.names == ["SIGCHLD"]


@table.row("signal/5-1")
async def previous_function_is_given(m, p):
    first, other, last = Calls(), Calls(), Calls()
    await p.sigaction("SIGUSR1", Action(first))
    await p.sigaction("SIGUSR2", Action(other))
    assert (await p.sigaction("SIGUSR1", Action(last))).handler is first


@table.row("signal/7-1", each=[Calls(), IGNORE, DEFAULT])
async def kill_cannot_be_caught(m, p, handler):
    with pytest.raises(OSError) as wrong:
        await p.sigaction("SIGKILL", Action(handler))
    assert wrong.value.errno == p.kernel.errno("EINVAL")


@pytest.mark.parametrize("row", table, ids=table.ids)
def test_assertion(row: Row) -> None:
    row.check()


def test_the_words_of_a_set_are_the_kernels() -> None:
    assert FREEBSD.sigset("SIGHUP", 33, 128).words() == (1, 1, 0, 1 << 31)
    assert SigSet(FREEBSD, 0).words() == (0, 0, 0, 0)
