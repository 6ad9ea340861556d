"""Alternate stacks beyond the assertions that have an id."""

from __future__ import annotations

import pytest

from emu.posix.action import Action
from emu.posix.altstack import AltStack, Stack
from emu.posix.freebsd import FREEBSD
from emu.posix.jump import Jump
from tests.posix.harness import Row, Table, errno_of

table = Table()
AREA = AltStack(0x10_0000, 16384)
OTHER = AltStack(0x90_0000, 16384)


@table.row("the first check is that of the stack in use", seeds=0)
async def eperm_comes_first(m, p):
    found = []

    async def handler(info, context):
        found.append(await errno_of(p.sigaltstack(AltStack(0, 1, 77))))
        disable = AltStack(0, 0, p.kernel.stack_flags["SS_DISABLE"])
        found.append(await errno_of(p.sigaltstack(disable)))

    await p.sigaltstack(AREA)
    await p.sigaction("SIGUSR1", Action(handler, flags=p.kernel.flag("SA_ONSTACK")))
    await p.raise_("SIGUSR1")
    assert found == [p.kernel.errno("EPERM")] * 2


@table.row("a nested handler without SA_ONSTACK stays on the alternate stack", seeds=0)
async def nested_without_the_flag(m, p):
    stacks = []

    async def outer(info, context):
        await p.raise_("SIGUSR2")

    async def inner(info, context):
        stacks.append(context.stack.sp)

    await p.sigaltstack(AREA)
    await p.sigaction("SIGUSR1", Action(outer, flags=p.kernel.flag("SA_ONSTACK")))
    await p.sigaction("SIGUSR2", Action(inner))
    await p.raise_("SIGUSR1")
    assert AREA.base <= stacks[0] < AREA.base + AREA.size


@table.row("a jump leaves the alternate stack", seeds=0)
async def jump_leaves_the_stack(m, p):
    buffer = p.sigsetjmp()

    async def handler(info, context):
        await p.siglongjmp(buffer)

    await p.sigaltstack(AREA)
    await p.sigaction("SIGUSR1", Action(handler, flags=p.kernel.flag("SA_ONSTACK")))
    with pytest.raises(Jump):
        await p.raise_("SIGUSR1")
    assert (await p.sigaltstack(OTHER)).flags == 0


async def set_in_a_handler(p):
    async def handler(info, context):
        await p.sigaltstack(OTHER)

    await p.sigaction("SIGUSR1", Action(handler))
    await p.raise_("SIGUSR1")
    return await p.sigaltstack()


@table.row("the first thread's first setting survives even if a handler makes it", seeds=0)
async def first_thread_is_special(m, p):
    assert await set_in_a_handler(p) == OTHER


@table.row("another thread's first setting does not survive its handler", seeds=0)
async def other_threads_are_not(m, p):
    async def body():
        assert (await set_in_a_handler(p)).flags == p.kernel.stack_flags["SS_DISABLE"]

    await (await p.thr_new(body)).join()


@table.row("SS_AUTODISARM clears the setting while a handler runs", seeds=0)
async def autodisarm(m, p):
    found = []

    async def handler(info, context):
        found.append((await p.sigaltstack()).flags)
        assert AREA.base <= context.stack.sp < AREA.base + AREA.size

    autodisarm = p.kernel.stack_flags["SS_AUTODISARM"]
    await p.sigaltstack(AltStack(AREA.base, AREA.size, autodisarm))
    await p.sigaction("SIGUSR1", Action(handler, flags=p.kernel.flag("SA_ONSTACK")))
    await p.raise_("SIGUSR1")
    assert found == [p.kernel.stack_flags["SS_DISABLE"]]
    assert await p.sigaltstack() == AltStack(AREA.base, AREA.size, autodisarm)


@table.row("FreeBSD remembers a disabled area", kernel=FREEBSD, seeds=0)
async def freebsd_keeps_the_area(m, p):
    disable = p.kernel.stack_flags["SS_DISABLE"]
    await p.sigaltstack(AREA)
    await p.sigaltstack(AltStack(0, 0, disable))
    assert await p.sigaltstack() == AltStack(AREA.base, AREA.size, disable)


@table.row("who switches stacks decides where a handler without the flag runs", seeds=0)
async def switched_stack(m, p):
    names = []

    async def handler(info, context):
        names.append(context.stack.name)

    signals = p.signals(m.current)
    thread_stack, signals.stack = signals.stack, Stack("goroutine", 0x50_0000, 8192)
    await p.sigaction("SIGUSR1", Action(handler))
    await p.raise_("SIGUSR1")
    signals.stack = thread_stack
    await p.raise_("SIGUSR1")
    assert names == ["goroutine", "thread"]


@pytest.mark.parametrize("row", table, ids=table.ids)
def test_row(row: Row) -> None:
    row.check()
