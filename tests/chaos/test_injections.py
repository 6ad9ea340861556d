"""Each kind of injection, carried out on a machine whose chooser injects at the first site."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from emu.chaos.plan import Entry, Fail, Fault, Plan, Signal, Spurious, Stall
from emu.engine.carrier import open_carriers
from emu.engine.chooser import Chooser
from emu.engine.machine import Machine
from emu.engine.scenario import scenario, setup
from emu.posix.action import Action
from emu.posix.condvar import Condition
from emu.posix.frame import Context
from emu.posix.mutex import Mutex
from emu.posix.process import Process
from emu.posix.siginfo import SigInfo
from emu.record.event import Event
from emu.record.history import History


class Eager(Chooser):
    """Lets chaos act at every site."""

    def chaos(self, step: int, entries: tuple[int, ...]) -> int:
        return 1


async def run(program: Callable[[Machine], Awaitable[Any]], *entries: Entry) -> History:
    async with open_carriers() as carriers:
        made = setup(scenario()(program), chaos=Plan(entries))
        return await Machine(made, Eager(), carriers).run()


def injected(history: History) -> list[Event]:
    return [event for event in history.events if event.event == "inject"]


async def handled(process: Process, signal: str) -> list[str]:
    """Install a handler that notes in which thread it ran."""
    ran: list[str] = []

    async def handler(info: SigInfo, context: Context) -> None:
        ran.append(process.machine.current.name)

    await process.sigaction(signal, Action(handler))
    return ran


async def test_a_signal_without_a_process_has_no_site() -> None:
    async def program(m: Machine) -> None:
        await m.checkpoint("work")

    assert not injected(await run(program, Signal("SIGUSR1")))


async def test_a_signal_to_a_named_thread_runs_its_handler_there() -> None:
    async def program(m: Machine) -> None:
        ran = await handled(Process(m), "SIGUSR1")

        async def worker() -> None:
            await m.checkpoint("work")

        for name in ("A", "B"):
            m.spawn(worker, name=name)
        await m.checkpoint("aim")
        for thread in m.threads[1:]:
            await thread.join()
        assert ran == ["B"]

    history = await run(program, Signal("SIGUSR1", to="B", at="aim"))

    assert history.outcome.name == "ok", history.outcome


async def test_a_signal_to_here_runs_its_handler_at_the_site() -> None:
    async def program(m: Machine) -> None:
        ran = await handled(Process(m), "SIGUSR1")
        await m.checkpoint("aim")
        assert ran == ["main"]

    assert (await run(program, Signal("SIGUSR1", to="here", at="aim"))).outcome.name == "ok"


async def test_a_fault_that_nobody_catches_kills_the_process() -> None:
    async def program(m: Machine) -> None:
        Process(m)
        await m.checkpoint("load")

    assert (await run(program, Fault("segv-low", at="load"))).outcome.name == "killed SIGSEGV"


async def test_a_fault_tells_its_handler_the_address() -> None:
    async def program(m: Machine) -> None:
        process = Process(m)
        seen: list[int | None] = []

        async def handler(info: SigInfo, context: Context) -> None:
            seen.append(info.address)

        await process.sigaction("SIGSEGV", Action(handler))
        await m.checkpoint("load")
        assert seen == [0x10]

    assert (await run(program, Fault("segv-low", at="load"))).outcome.name == "ok"


async def test_a_failing_call_is_told_its_error() -> None:
    async def program(m: Machine) -> None:
        assert await m.checkpoint("mmap") == "ENOMEM"
        assert await m.checkpoint("mmap") is None

    assert (await run(program, Fail("mmap", error="ENOMEM"))).outcome.name == "ok"


async def test_an_entry_acts_at_most_as_often_as_its_limit() -> None:
    async def program(m: Machine) -> None:
        for _ in range(5):
            await m.checkpoint("mmap")

    assert len(injected(await run(program, Fail("mmap", limit=2)))) == 2


async def test_an_entry_without_a_limit_acts_at_every_site() -> None:
    async def program(m: Machine) -> None:
        for _ in range(5):
            await m.checkpoint("mmap")

    assert len(injected(await run(program, Fail("mmap", limit=None, rate=1.0)))) == 5


async def test_a_spurious_wake_up_ends_a_wait_that_nobody_signalled() -> None:
    async def program(m: Machine) -> None:
        mutex, ready = Mutex(m, "mutex"), Condition(m, "ready")

        async def waiter() -> None:
            async with mutex:
                await ready.wait(mutex)

        await m.spawn(waiter, name="waiter").join()

    history = await run(program, Spurious(object="ready"))

    assert history.outcome.name == "ok", history.outcome


async def test_a_stalled_thread_does_not_run_for_the_duration() -> None:
    async def program(m: Machine) -> None:
        before = m.now
        await m.checkpoint("work")
        assert m.now - before >= 1_000_000

    assert (await run(program, Stall(at="work", duration="1ms"))).outcome.name == "ok"  # type: ignore[arg-type]


async def test_an_injection_is_an_event_with_its_operation() -> None:
    async def program(m: Machine) -> None:
        with m.region("grow"):
            await m.checkpoint("mmap")

    event = injected(await run(program, Fail("mmap", error="ENOMEM")))[0]

    assert (event.object, event.region, event.fields["detail"]) == (
        "mmap fails with ENOMEM",
        "grow",
        "mmap",
    )


async def starts_a_thread(m: Machine) -> None:
    async def nothing() -> None:
        pass

    await (await Process(m).thr_new(nothing)).join()


async def test_an_error_that_the_kernel_has_not_is_no_fault_of_the_program() -> None:
    history = await run(starts_a_thread, Fail("thr_new", error="EPROCLIM"))
    assert history.outcome.name == "unknown"
    assert history.outcome.reason.startswith("chaos.fail: 'EPROCLIM' is no error of linux; known")


async def test_a_signal_that_the_kernel_has_not_is_none_either() -> None:
    history = await run(starts_a_thread, Signal("SIGEMT"))
    assert history.outcome.name == "unknown"
    assert history.outcome.reason.startswith("chaos.signal: 'SIGEMT' is no signal of linux; ")
