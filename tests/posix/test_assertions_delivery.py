"""Assertions about the order of delivery and about frames, each by its id."""

from __future__ import annotations

import pytest

from emu.posix.action import Action
from emu.posix.altstack import AltStack
from emu.posix.freebsd import FREEBSD
from tests.posix.harness import Calls, Row, Table

table = Table()
AREA = AltStack(0x10_0000, 16384)


# delivery


async def all_pending(p, calls, *names, mask):
    for name in names:
        await p.sigaction(name, Action(calls, mask=p.kernel.fill() if mask else ()))
    await p.sigprocmask("SIG_SETMASK", p.kernel.fill())


@table.row("delivery/K-1", seeds=0)
async def lowest_number_first(m, p):
    calls = Calls()
    await all_pending(p, calls, "SIGTERM", "SIGUSR2", "SIGHUP", "SIGUSR1", mask=True)
    for name in ("SIGTERM", "SIGUSR2", "SIGHUP", "SIGUSR1"):
        await p.kill(p.pid, name)
    await p.sigprocmask("SIG_SETMASK", p.kernel.empty())
    assert calls.names == ["SIGHUP", "SIGUSR1", "SIGUSR2", "SIGTERM"]


@table.row("stacking reverses the order that is seen", seeds=0)
async def stacking_reverses(m, p):
    calls = Calls()
    await all_pending(p, calls, "SIGTERM", "SIGUSR2", "SIGHUP", "SIGUSR1", mask=False)
    for name in ("SIGTERM", "SIGUSR2", "SIGHUP", "SIGUSR1"):
        await p.kill(p.pid, name)
    await p.sigprocmask("SIG_SETMASK", p.kernel.empty())
    assert calls.names == ["SIGTERM", "SIGUSR2", "SIGUSR1", "SIGHUP"]


@table.row("delivery/K-3", seeds=0)
async def private_before_shared(m, p):
    calls = Calls()
    await all_pending(p, calls, "SIGTERM", "SIGHUP", mask=True)
    await p.kill(p.pid, "SIGHUP")
    await p.raise_("SIGTERM")
    await p.sigprocmask("SIG_SETMASK", p.kernel.empty())
    assert calls.names == ["SIGTERM", "SIGHUP"]


@table.row("FreeBSD takes the lowest of both sets", kernel=FREEBSD, seeds=0)
async def lowest_of_both(m, p):
    calls = Calls()
    await all_pending(p, calls, "SIGTERM", "SIGHUP", mask=True)
    await p.kill(p.pid, "SIGHUP")
    await p.raise_("SIGTERM")
    await p.sigprocmask("SIG_SETMASK", p.kernel.empty())
    assert calls.names == ["SIGHUP", "SIGTERM"]


@table.row("delivery/K-5", seeds=0)
async def standard_before_realtime(m, p):
    calls = Calls()
    await all_pending(p, calls, 64, 36, 34, 15, mask=True)
    for number in (64, 36, 34, 36, 15):
        await p.kill(p.pid, number)
    await p.sigprocmask("SIG_SETMASK", p.kernel.empty())
    assert [info.number for info in calls.infos] == [15, 34, 36, 36, 64]


@table.row("delivery/K-7", seeds=0)
async def standard_signals_coalesce(m, p):
    calls = Calls()
    await all_pending(p, calls, "SIGUSR1", mask=False)
    for _ in range(3):
        await p.kill(p.pid, "SIGUSR1")
    await p.sigprocmask("SIG_SETMASK", p.kernel.empty())
    assert len(calls) == 1


@table.row("FreeBSD queues standard signals", kernel=FREEBSD, seeds=0)
async def standard_signals_are_queued(m, p):
    calls = Calls()
    await all_pending(p, calls, "SIGUSR1", mask=False)
    for _ in range(3):
        await p.kill(p.pid, "SIGUSR1")
    await p.sigprocmask("SIG_SETMASK", p.kernel.empty())
    assert len(calls) == 3


@table.row("fault signals come first, even if they are sent", seeds=0)
async def fault_signals_first(m, p):
    calls = Calls()
    await all_pending(p, calls, "SIGHUP", "SIGSEGV", mask=True)
    await p.kill(p.pid, "SIGHUP")
    await p.kill(p.pid, "SIGSEGV")
    await p.sigprocmask("SIG_SETMASK", p.kernel.empty())
    assert calls.names == ["SIGSEGV", "SIGHUP"]


@table.row("an edited mask is what the return restores", seeds=0)
async def edited_mask_is_restored(m, p):
    async def handler(info, context):
        context.mask = context.mask.add("SIGUSR2")

    await p.sigaction("SIGUSR1", Action(handler))
    await p.raise_("SIGUSR1")
    assert await p.sigprocmask("SIG_BLOCK") == p.kernel.sigset("SIGUSR2")


@table.row("code set to resume runs after the return, with the restored mask", seeds=0)
async def resume_runs_in_the_interrupted_place(m, p):
    found = []

    async def go_on():
        found.append((m.current.depth, await p.sigprocmask("SIG_BLOCK")))

    async def handler(info, context):
        context.resume = go_on

    await p.sigaction("SIGSEGV", Action(handler))
    await p.fault("SIGSEGV", 0, "SEGV_MAPERR")
    assert found == [(0, p.kernel.empty())]


@table.row("a jump out of a handler leaves no frame behind", seeds=0)
async def jump_out_of_a_handler(m, p):
    class Jump(Exception):
        pass

    async def handler(info, context):
        raise Jump

    await p.sigaltstack(AREA)
    await p.sigaction("SIGUSR1", Action(handler, flags=p.kernel.flag("SA_ONSTACK")))
    with pytest.raises(Jump):
        await p.raise_("SIGUSR1")
    assert m.current.depth == 0
    assert not p.signals(m.current).frames
    assert (await p.sigaltstack()).flags == 0
    assert "SIGUSR1" in await p.sigprocmask("SIG_BLOCK")


@pytest.mark.parametrize("row", table, ids=table.ids)
def test_assertion(row: Row) -> None:
    row.check()
