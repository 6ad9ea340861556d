"""The process: its ends, its output, its threads, and failures that chaos injects."""

from __future__ import annotations

import pytest

from emu.chaos.plan import Fail, Plan
from emu.errors import UsageError
from emu.posix.action import Action
from emu.posix.freebsd import FREEBSD
from emu.posix.kernel import Kernel
from emu.posix.linux import LINUX
from emu.posix.mutex import Mutex
from emu.posix.process import Process
from emu.posix.rwlock import RWLock
from emu.posix.semaphore import Semaphore
from tests.posix.harness import Calls, errno_of, run, seen


def test_an_exit_status_is_the_outcome() -> None:
    async def program(m, p):
        p.write("fatal error")
        p.exit(2)

    history = run(program)
    assert history.outcome.name == "exit 2"
    assert history.findings[0].trace == ("fatal error",)
    assert history.findings[0].functions == (f"{program.__qualname__.replace('<locals>.', '')}",)
    assert seen(history, "print", "text") == ["fatal error"]


def test_exit_with_status_0_is_ok_whoever_still_waits() -> None:
    async def program(m, p):
        await p.thr_new(Semaphore(m, "never").wait)
        await m.sleep(1)
        p.exit(0)

    history = run(program)
    assert history.outcome.name == "ok"
    assert not history.findings


def test_no_code_runs_after_the_process_has_killed_itself() -> None:
    ran = []

    async def program(m, p):
        await p.kill(p.pid, "SIGTERM")
        ran.append(True)

    assert run(program).outcome.name == "killed SIGTERM"
    assert not ran


def test_exit_hooks_run_newest_first() -> None:
    order = []

    async def program(m, p):
        p.exit_hooks.append(lambda: order.append(1))
        p.exit_hooks.append(lambda: order.append(2))
        p.exit(0)

    run(program)
    assert order == [2, 1]


def test_a_machine_without_a_process_gets_one_on_linux() -> None:
    async def program(m, p):
        assert m.service(Process) is p
        assert p.kernel is LINUX

    assert run(program).outcome.name == "ok"


def test_a_wrong_signal_name_is_the_users_mistake() -> None:
    async def program(m, p):
        with pytest.raises(UsageError, match=r"'SIGFOO' is no signal of linux; allowed are SIGHUP"):
            p.post("SIGFOO")

    assert run(program).outcome.name == "ok"


def fails(call: str, error: str, program, kernel=LINUX) -> None:
    history = run(program, kernel=kernel, chaos=Plan((Fail(call, error),)))
    assert history.outcome.name == "ok", history.outcome
    assert seen(history, "inject", "detail")


def test_chaos_fails_the_creation_of_a_thread() -> None:
    async def program(m, p):
        assert await errno_of(p.thr_new(m.checkpoint)) == p.kernel.errno("EPROCLIM")
        await (await p.thr_new(m.checkpoint)).join()

    fails("thr_new", "EPROCLIM", program, FREEBSD)


def test_chaos_fails_the_lock_of_a_mutex() -> None:
    async def program(m, p):
        mutex = Mutex(m, "x")
        assert await mutex.lock() == p.kernel.errno("EINVAL")
        assert mutex.owner is None

    fails("lock", "EINVAL", program)


def test_chaos_fails_the_entry_of_a_mutex_with_an_exception() -> None:
    async def program(m, p):
        with pytest.raises(OSError, match="EINVAL"):
            async with Mutex(m, "x"):
                raise AssertionError

    fails("lock", "EINVAL", program)


def test_chaos_fails_a_read_lock() -> None:
    async def program(m, p):
        assert await RWLock(m, "rw").rdlock() == p.kernel.errno("EAGAIN")

    fails("rdlock", "EAGAIN", program)


def test_chaos_fails_a_system_call() -> None:
    async def program(m, p):
        refused = p.sigaction("SIGUSR1", Action(Calls()))
        assert await errno_of(refused) == p.kernel.errno("EPERM")
        assert (await p.sigaction("SIGUSR1")).text == "default"

    fails("sigaction", "EPERM", program)


def test_the_histories_of_one_seed_are_equal() -> None:
    async def program(m, p):
        mutex = Mutex(m, "x")
        await p.sigaction("SIGUSR1", Action(Calls()))

        async def body():
            async with mutex:
                p.post("SIGUSR1")

        threads = [await p.thr_new(body) for _ in range(4)]
        for thread in threads:
            await thread.join()

    digests = [run(program, seed=3, targeting="any").digest for _ in range(2)]
    assert digests[0] == digests[1]
    assert run(program, seed=4, targeting="any").digest != digests[0]


@pytest.mark.parametrize("kernel", [LINUX, FREEBSD], ids=lambda kernel: kernel.name)
def test_names_and_numbers_of_signals_agree(kernel: Kernel) -> None:
    for number in range(1, kernel.highest + 1):
        name = kernel.signal_name(number)
        if not name[3:].isdigit():
            assert kernel.number(name) == number


def test_sets_print_as_what_they_are() -> None:
    assert str(LINUX.empty()) == "none"
    assert str(LINUX.maskable(LINUX.every())) == "all"
    assert str(FREEBSD.sigset("SIGUSR1", "SIGHUP")) == "SIGHUP SIGUSR1"
    assert str(FREEBSD.maskable(FREEBSD.every()).remove("SIGUSR1")) == "all but SIGUSR1"
