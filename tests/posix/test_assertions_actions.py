"""Assertions about dispositions, delivery and alternate stacks, each by its id."""

from __future__ import annotations

import pytest

from emu.posix.action import DEFAULT, IGNORE, Action
from emu.posix.altstack import AltStack
from emu.posix.freebsd import FREEBSD
from emu.posix.pipe import Pipe
from tests.posix.harness import SIGNALS, Calls, Row, Table, at, errno_of

table = Table()
SIXTEEN = SIGNALS[:16]
AREA = AltStack(0x10_0000, 16384)


# sigaction


@table.row("sigaction/1-1..1-16", each=SIXTEEN, seeds=0)
async def handler_is_installed(m, p, name):
    calls = Calls()
    await p.sigaction(name, Action(calls))
    await p.raise_(name)
    assert calls.names == [p.kernel.signal_name(p.kernel.number(name))]


@table.row("sigaction/2-*", each=SIGNALS, seeds=0)
async def previous_action_is_given(m, p, name):
    first, second = Calls(), Calls()
    await p.sigaction(name, Action(first))
    assert (await p.sigaction(name, Action(second))).handler is first


@table.row("sigaction/3-*", each=SIGNALS, seeds=0)
async def query_changes_nothing(m, p, name):
    calls = Calls()
    await p.sigaction(name, Action(calls))
    assert (await p.sigaction(name)).handler is calls
    await p.raise_(name)
    assert len(calls) == 1


@table.row("sigaction/4-1..4-26", "killed SIGKILL", each=SIGNALS, seeds=0)
async def kill_in_the_mask_has_no_effect(m, p, name):
    async def handler(info, context):
        await p.raise_("SIGKILL")
        m.note("never")
        raise AssertionError

    await p.sigaction(name, Action(handler, ("SIGKILL",)))
    await p.raise_(name)


@table.row("sigaction/4-53..4-78", each=SIGNALS, seeds=0)
async def kill_in_the_mask_is_no_error(m, p, name):
    await p.sigaction(name, Action(Calls(), ("SIGKILL",)))
    assert (await p.sigaction(name)).mask == p.kernel.empty()


@table.row("sigaction/4-79..4-104", each=SIGNALS, seeds=0)
async def stop_in_the_mask_is_left_out(m, p, name):
    await p.sigaction(name, Action(Calls(), ("SIGSTOP", "SIGUSR1")))
    assert (await p.sigaction(name)).mask == p.kernel.sigset("SIGUSR1")


@table.row("sigaction/5-xml")
async def handler_field_is_honoured(m, p):
    calls = Calls()
    await p.sigaction("SIGCHLD", Action(DEFAULT))
    await p.raise_("SIGCHLD")
    await p.sigaction("SIGUSR1", Action(IGNORE))
    await p.raise_("SIGUSR1")
    await p.sigaction("SIGUSR1", Action(calls))
    await p.raise_("SIGUSR1")
    assert calls.names == ["SIGUSR1"]


@table.row("sigaction/6-*", each=SIGNALS, seeds=0)
async def siginfo_names_the_signal(m, p, name):
    calls = Calls()
    await p.sigaction(name, Action(calls, flags=p.kernel.flag("SA_SIGINFO")))
    await p.raise_(name)
    (info,) = calls.infos
    assert info.number == p.kernel.number(name)
    assert info.code == p.kernel.code("SI_TKILL")


@table.row("sigaction/8-1..8-16", each=SIXTEEN, seeds=0)
async def mask_holds_while_the_handler_runs(m, p, name):
    order = []
    other = "SIGUSR1" if name != "SIGUSR1" else "SIGUSR2"

    async def outer(info, context):
        order.append("begin")
        await p.raise_(other)
        order.append("end")

    async def inner(info, context):
        order.append("inner")

    await p.sigaction(name, Action(outer, (other,)))
    await p.sigaction(other, Action(inner))
    await p.raise_(name)
    assert order == ["begin", "end", "inner"]


@table.row("sigaction/12-1..12-26", each=SIGNALS, seeds=0)
async def onstack_runs_on_the_alternate_stack(m, p, name):
    found = []

    async def handler(info, context):
        found.append((context.stack.sp, await p.sigaltstack()))

    await p.sigaltstack(AREA)
    await p.sigaction(name, Action(handler, flags=p.kernel.flag("SA_ONSTACK")))
    await p.raise_(name)
    ((sp, query),) = found
    assert AREA.base <= sp < AREA.base + AREA.size
    assert query == AltStack(AREA.base, AREA.size, p.kernel.stack_flags["SS_ONSTACK"])


@table.row("sigaction/13-*", each=SIGNALS, seeds=0)
async def without_onstack_on_the_current_stack(m, p, name):
    found = []

    async def handler(info, context):
        found.append((context.stack.sp, await p.sigaltstack()))

    await p.sigaltstack(AREA)
    await p.sigaction(name, Action(handler))
    await p.raise_(name)
    ((sp, query),) = found
    assert not AREA.base <= sp < AREA.base + AREA.size
    assert query.flags == 0


@table.row("sigaction/14-xml", "killed SIGUSR1", seeds=0)
async def resethand_resets_on_entry(m, p):
    seen = []

    async def handler(info, context):
        seen.append((await p.sigaction("SIGUSR1")).handler)

    await p.sigaction("SIGUSR1", Action(handler, flags=p.kernel.flag("SA_RESETHAND")))
    await p.raise_("SIGUSR1")
    assert seen == [DEFAULT]
    await p.raise_("SIGUSR1")
    raise AssertionError


@table.row("sigaction/15-xml", seeds=0)
async def disposition_persists(m, p):
    calls = Calls()
    await p.sigaction("SIGUSR1", Action(calls))
    for _ in range(3):
        await p.raise_("SIGUSR1")
    assert len(calls) == 3


@table.row("sigaction/17-*", each=SIGNALS, seeds=1)
async def without_restart_a_wait_fails(m, p, name):
    calls, pipe = Calls(), Pipe(m, "pipe")
    await p.sigaction(name, Action(calls))
    at(m, 1, lambda: p.post(name))
    assert await errno_of(pipe.poll(10 * 10**9)) == p.kernel.errno("EINTR")
    assert len(calls) == 1


@table.row("sigaction/18-*", each=SIGNALS, seeds=0)
async def handler_is_told_the_number(m, p, name):
    calls = Calls()
    await p.sigaction(name, Action(calls))
    await p.raise_(name)
    assert calls.infos[0].number == p.kernel.number(name)


@table.row("sigaction/22-1..22-16", each=SIXTEEN, seeds=0)
async def nodefer_nests(m, p, name):
    depths = []

    async def handler(info, context):
        depths.append(m.current.depth)
        if len(depths) == 1:
            await p.raise_(name)
            assert depths == [1, 2]

    await p.sigaction(name, Action(handler, flags=p.kernel.flag("SA_NODEFER")))
    await p.raise_(name)
    assert depths == [1, 2]


@table.row("sigaction/23-*", each=SIGNALS, seeds=0)
async def the_signal_is_blocked_in_its_handler(m, p, name):
    order = []

    async def handler(info, context):
        order.append("begin")
        if len(order) == 1:
            await p.raise_(name)
            assert name in await p.sigpending()
        order.append("end")

    await p.sigaction(name, Action(handler))
    await p.raise_(name)
    assert order == ["begin", "end", "begin", "end"]


@table.row("sigaction/26-xml", seeds=0)
async def mask_is_restored(m, p):
    only = p.kernel.sigset("SIGTERM")
    await p.sigprocmask("SIG_SETMASK", only)
    await p.sigaction("SIGUSR1", Action(Calls(), ("SIGUSR2",)))
    await p.raise_("SIGUSR1")
    assert await p.sigprocmask("SIG_BLOCK") == only


@table.row("sigaction/29-1", seeds=0)
async def queued_values_arrive_in_order(m, p):
    calls = Calls()
    one = p.kernel.sigset("SIGRTMAX")
    await p.sigaction("SIGRTMAX", Action(calls, flags=p.kernel.flag("SA_SIGINFO")))
    await p.sigprocmask("SIG_BLOCK", one)
    for value in range(1, 11):
        await p.sigqueue(p.pid, "SIGRTMAX", value)
    await p.sigprocmask("SIG_UNBLOCK", one)
    assert [info.value for info in calls.infos] == list(range(1, 11))


@table.row("sigaction/30-1", seeds=0)
async def invalid_actions_are_refused(m, p):
    caught, ignored = Action(Calls()), Action(IGNORE)
    wrong = [(74, caught), ("SIGKILL", caught), ("SIGSTOP", caught)]
    wrong += [("SIGKILL", ignored), ("SIGSTOP", ignored)]
    for signal, action in wrong:
        assert await errno_of(p.sigaction(signal, action)) == p.kernel.errno("EINVAL")


@table.row("sigaction/K-2", each=[0, 65], seeds=0)
async def zero_is_no_signal(m, p, number):
    assert await errno_of(p.sigaction(number, Action(Calls()))) == p.kernel.errno("EINVAL")


@table.row("sigaction/K-5")
async def dispositions_are_of_the_process(m, p):
    calls = Calls()

    async def first():
        await p.sigaction("SIGUSR1", Action(calls))

    async def second():
        with pytest.raises(OSError):
            await p.pause()

    one = await p.thr_new(first, name="T1")
    await one.join()
    two = await p.thr_new(second, name="T2")
    await m.sleep(1)
    assert await p.pthread_kill(two, "SIGUSR1") == 0
    await two.join()
    assert calls.threads == ["T2"]


# sigaltstack


@table.row("sigaltstack/1-1", seeds=0)
async def runs_inside_the_area(m, p):
    await onstack_runs_on_the_alternate_stack(m, p, "SIGUSR1")


@table.row("sigaltstack/3-1", seeds=0)
async def area_is_the_given_one(m, p):
    await onstack_runs_on_the_alternate_stack(m, p, "SIGUSR2")


@table.row("sigaltstack/6-1", seeds=0)
async def flags_say_on_it(m, p):
    await onstack_runs_on_the_alternate_stack(m, p, "SIGHUP")


@table.row("sigaltstack/7-1", seeds=0)
async def no_change_while_on_it(m, p):
    found = []

    async def handler(info, context):
        found.append(await errno_of(p.sigaltstack(AltStack(0x90_0000, 16384))))

    await p.sigaltstack(AREA)
    await p.sigaction("SIGUSR1", Action(handler, flags=p.kernel.flag("SA_ONSTACK")))
    await p.raise_("SIGUSR1")
    assert found == [p.kernel.errno("EPERM")]


@table.row("sigaltstack/8-1", seeds=0)
async def disabled_reads_so(m, p):
    disable = p.kernel.stack_flags["SS_DISABLE"]
    await p.sigaltstack(AREA)
    await p.sigaltstack(AltStack(0, 0, disable))
    assert (await p.sigaltstack()).flags == disable


@table.row("sigaltstack/10-1", seeds=0)
async def large_enough_is_taken(m, p):
    await p.sigaltstack(AREA)
    assert await p.sigaltstack() == AREA


@table.row("sigaltstack/11-1", seeds=0)
async def unknown_flags_are_refused(m, p):
    await p.sigaltstack(AREA)
    bad = AltStack(0x90_0000, 16384, p.kernel.stack_flags["SS_DISABLE"] + 1)
    assert await errno_of(p.sigaltstack(bad)) == p.kernel.errno("EINVAL")
    assert await p.sigaltstack() == AREA


@table.row("sigaltstack/K-1", seeds=0)
async def nested_handlers_go_on_down_the_stack(m, p):
    stack = []

    async def outer(info, context):
        stack.append(context.stack.sp)
        await p.raise_("SIGUSR2")

    async def inner(info, context):
        stack.append(context.stack.sp)

    onstack = p.kernel.flag("SA_ONSTACK")
    await p.sigaltstack(AREA)
    await p.sigaction("SIGUSR1", Action(outer, flags=onstack))
    await p.sigaction("SIGUSR2", Action(inner, flags=onstack))
    await p.raise_("SIGUSR1")
    assert AREA.base <= stack[1] < stack[0] < AREA.base + AREA.size


@table.row("sigaltstack/K-3", seeds=0)
async def onstack_is_accepted_as_nothing(m, p):
    await p.sigaltstack(AltStack(AREA.base, AREA.size, p.kernel.stack_flags["SS_ONSTACK"]))
    assert (await p.sigaltstack()).flags == 0


@table.row("SS_ONSTACK is refused by FreeBSD", kernel=FREEBSD, seeds=0)
async def onstack_is_refused(m, p):
    bad = AltStack(AREA.base, AREA.size, p.kernel.stack_flags["SS_ONSTACK"])
    assert await errno_of(p.sigaltstack(bad)) == p.kernel.errno("EINVAL")


@table.row("sigaltstack/K-6", seeds=0)
async def disabled_forgets_the_area(m, p):
    disable = p.kernel.stack_flags["SS_DISABLE"]
    await p.sigaltstack(AREA)
    await p.sigaltstack(AltStack(0, 0, disable))
    assert await p.sigaltstack() == AltStack(0, 0, disable)


@table.row("a stack below the minimum is refused", seeds=0)
async def minimum_is_exact(m, p):
    assert await errno_of(p.sigaltstack(AltStack(AREA.base, 2047))) == p.kernel.errno("ENOMEM")
    await p.sigaltstack(AltStack(AREA.base, 2048))


@table.row("a setting made in a handler is undone on return by Linux", seeds=0)
async def sigreturn_restores_the_stack(m, p):
    async def handler(info, context):
        await p.sigaltstack(AltStack(0x90_0000, 16384))

    await p.sigaltstack(AREA)
    await p.sigaction("SIGUSR1", Action(handler))
    await p.raise_("SIGUSR1")
    assert await p.sigaltstack() == AREA


@table.row("a setting made in a handler stays on FreeBSD", kernel=FREEBSD, seeds=0)
async def sigreturn_leaves_the_stack(m, p):
    async def handler(info, context):
        await p.sigaltstack(AltStack(0x90_0000, 16384))

    await p.sigaltstack(AREA)
    await p.sigaction("SIGUSR1", Action(handler))
    await p.raise_("SIGUSR1")
    assert (await p.sigaltstack()).base == 0x90_0000


@pytest.mark.parametrize("row", table, ids=table.ids)
def test_assertion(row: Row) -> None:
    row.check()
