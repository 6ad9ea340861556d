"""The classics: small programs that every tool of the field must get right."""

from __future__ import annotations

from typing import Annotated

from emu.chaos.plan import Plan, Signal
from emu.engine.checkpoint import checkpoint
from emu.engine.machine import Machine
from emu.engine.param import AtLeast, Some, Whole
from emu.engine.scenario import scenario
from emu.posix.action import Action
from emu.posix.condvar import Condition
from emu.posix.frame import Context
from emu.posix.memory import Word
from emu.posix.mutex import Mutex
from emu.posix.process import Process
from emu.posix.siginfo import SigInfo


@scenario(expect="deadlock")
async def lock_order_inversion(m: Machine) -> None:
    """Two workers take two locks in opposite orders."""
    left, right = Mutex(m, "left"), Mutex(m, "right")

    async def worker(first: Mutex, second: Mutex) -> None:
        async with first:
            async with second:
                pass

    m.spawn(worker, left, right, name="T1")
    m.spawn(worker, right, left, name="T2")


@scenario(expect="deadlock")
async def philosophers(m: Machine, *, n: Annotated[int, AtLeast(2)] = 5) -> None:
    """n philosophers, each of whom takes the left fork first."""
    forks = [Mutex(m, f"fork {i}") for i in range(n)]

    async def philosopher(left: Mutex, right: Mutex) -> None:
        async with left:
            async with right:
                pass

    for i in range(n):
        m.spawn(philosopher, forks[i], forks[(i + 1) % n], name=f"P{i}")


@scenario(expect="assertion")
async def lost_update(m: Machine, *, threads: Some = 2, increments: Some = 2) -> None:
    """Threads add one to a shared word in two steps, load and store."""
    counter = Word(m, "counter")

    async def add() -> None:
        for _ in range(increments):
            seen = await counter.load()
            await counter.store(seen + 1)

    workers = [m.spawn(add, name=f"T{i + 1}") for i in range(threads)]
    for worker in workers:
        await worker.join()
    total = await counter.load()
    assert total == threads * increments, f"{total} of {threads * increments} updates arrived"


@scenario(expect="stalled")
async def lost_wakeup(m: Machine) -> None:
    """One thread signals a condition; another tests nothing before it waits."""
    mutex, ready = Mutex(m, "mutex"), Condition(m, "ready")

    async def waiter() -> None:
        async with mutex:
            await ready.wait(mutex)

    async def signaller() -> None:
        async with mutex:
            await ready.signal()

    threads = [m.spawn(waiter, name="waiter"), m.spawn(signaller, name="signaller")]
    for thread in threads:
        await thread.join()


@scenario(expect="deadlock", chaos=Plan((Signal("SIGUSR1"),)))
async def handler_takes_lock(m: Machine) -> None:
    """A signal handler takes the lock that its own thread may hold."""
    process = Process(m)
    lock = Mutex(m, "lock")

    async def handler(info: SigInfo, context: Context) -> None:
        async with lock:
            pass

    await process.sigaction(process.kernel.number("SIGUSR1"), Action(handler))
    for _ in range(3):
        async with lock:
            await checkpoint("work")


@scenario(expect="assertion")
async def exact_step(m: Machine, *, before: Whole = 12, after: Whole = 6) -> None:
    """One step of a thread must fall between two exact steps of another.

    Of the mover's twenty steps they are the 13th and the 14th.
    """
    stage, seen = Word(m, "stage"), Word(m, "seen")

    async def mover() -> None:
        for _ in range(before):
            await checkpoint("work")
        await stage.store(1)
        await stage.store(2)
        for _ in range(after):
            await checkpoint("work")

    async def looker() -> None:
        await seen.store(await stage.load())

    threads = [m.spawn(mover, name="mover"), m.spawn(looker, name="looker")]
    for thread in threads:
        await thread.join()
    assert await seen.load() != 1, "the looker saw the stage between the mover's two stores"
