"""The mask wrapper, as its assembly has it."""

from __future__ import annotations

import pytest

from emu.chaos.entries import Fail
from emu.goruntime.runtime import Runtime
from emu.goruntime.syscalls import NOTOK, SIG_SETMASK
from emu.posix.freebsd import FREEBSD
from emu.posix.linux import LINUX
from tests.goruntime.programs import go, nothing


def test_how_is_freebsds_setmask_and_not_linuxs() -> None:
    assert FREEBSD.how["SIG_SETMASK"] == SIG_SETMASK != LINUX.how["SIG_SETMASK"]


async def test_the_wrapper_sets_the_whole_mask_and_gives_the_old_one() -> None:
    async def main(rt: Runtime) -> None:
        kernel = rt.process.kernel
        first = await rt.sigprocmask(kernel.every())
        second = await rt.sigprocmask(kernel.empty())
        rt.machine.note(f"{first}, {second}")

    ran = await go(main)

    assert ran.events("note")[0].fields["text"] == "none, all"


async def test_a_nil_set_asks_only() -> None:
    async def main(rt: Runtime) -> None:
        assert str(await rt.sigprocmask(None)) == "none"

    assert (await go(main)).outcome == "ok"


async def test_an_error_is_a_store_to_notok() -> None:
    async def main(rt: Runtime) -> None:
        await rt.sigprocmask(rt.process.kernel.empty())

    ran = await go(main, chaos=Fail("sigprocmask", error="EINVAL"))

    assert ran.events("fault")[0].fields["address"] == NOTOK == 0xF1


async def test_linuxs_number_for_setmask_would_unblock() -> None:
    async def main(rt: Runtime) -> None:
        kernel = rt.process.kernel
        await rt.sigprocmask(kernel.sigset("SIGUSR1", "SIGUSR2"))
        await rt.sigprocmask(kernel.sigset("SIGUSR1"), how=LINUX.how["SIG_SETMASK"])
        rt.machine.note(str(rt.process.signals(rt.machine.current).mask))

    ran = await go(main)

    assert ran.events("note")[0].fields["text"] == "SIGUSR2"


async def test_a_refused_mmap_is_an_event_too() -> None:
    async def main(rt: Runtime) -> None:
        assert not await rt.mmap(4096)

    ran = await go(main, chaos=Fail("mmap", error="ENOMEM"))

    assert ran.events("syscall")[-1].fields == {"call": "mmap", "result": None, "error": "ENOMEM"}


async def test_without_address_space_the_runtime_does_not_start() -> None:
    ran = await go(nothing, chaos=Fail("mmap", error="ENOMEM", at="mallocinit/mmap"), boot=True)

    assert ran.output[0] == "throw: cannot reserve arena virtual address space"


@pytest.mark.parametrize("call", ["sigaction", "sigaltstack"])
async def test_so_is_an_error_of_another_signal_call_at_start(call: str) -> None:
    ran = await go(nothing, chaos=Fail(call, error="EINVAL"), boot=True)

    assert ran.events("fault")[0].fields["address"] == NOTOK


async def test_an_error_of_setitimer_goes_unnoticed() -> None:
    async def main(rt: Runtime) -> None:
        await rt.cpuprof.SetCPUProfileRate(100)

    assert (await go(main, chaos=Fail("setitimer", error="EINVAL"))).outcome == "ok"
