"""Tiny programs with known chances.

`deadlock01`, `lazy01` and `reorder` are the SCTBench programs of these names; the chances that
the tests expect of them come from another simulator, which ran the same lists of steps.
"""

from __future__ import annotations

from emu.engine.machine import Machine
from emu.engine.scenario import scenario
from emu.posix.memory import Word
from emu.posix.mutex import Mutex


@scenario(expect="deadlock")
async def deadlock01(m: Machine) -> None:
    """Two threads take two locks in opposite orders."""
    a, b = Mutex(m, "a"), Mutex(m, "b")
    counter = Word(m, "counter", 1)

    async def worker(first: Mutex, second: Mutex, delta: int) -> None:
        await first.lock()
        await second.lock()
        await counter.store(await counter.load() + delta)
        await second.unlock()
        await first.unlock()

    threads = []
    for name, args in {"T1": (a, b, 1), "T2": (b, a, -1)}.items():
        await m.checkpoint("spawn")
        threads.append(m.spawn(worker, *args, name=name))
    for thread in threads:
        await thread.join()


@scenario(expect="assertion")
async def lazy01(m: Machine) -> None:
    """Two threads add under a lock; a third must not come last."""
    lock = Mutex(m, "m")
    data = Word(m, "data")

    async def add(amount: int) -> None:
        await lock.lock()
        await data.store(await data.load() + amount)
        await lock.unlock()

    async def check() -> None:
        await lock.lock()
        assert await data.load() < 3
        await lock.unlock()

    threads = []
    for body, args in ((add, (1,)), (add, (2,)), (check, ())):
        await m.checkpoint("spawn")
        threads.append(m.spawn(body, *args))
    for thread in threads:
        await thread.join()


@scenario(expect="assertion")
async def reorder(m: Machine, *, setters: int = 2) -> None:
    """A checker must not see a half-made change that every setter is in the middle of."""
    a, b = Word(m, "a"), Word(m, "b")

    async def setter() -> None:
        await a.store(1)
        await b.store(-1)

    async def checker() -> None:
        if await a.load() == 0 and await b.load() == 0:
            return
        assert await a.load() == 1
        assert await b.load() == -1

    threads = []
    for body in (setter,) * setters + (checker,):
        await m.checkpoint("spawn")
        threads.append(m.spawn(body))
    for thread in threads:
        await thread.join()


@scenario()
async def calm(m: Machine, *, threads: int = 3, steps: int = 5) -> None:
    """Threads that have nothing to do with each other."""

    async def worker() -> None:
        for step in range(steps):
            await m.checkpoint("step")
            m.note(f"step {step}")

    for _ in range(threads):
        m.spawn(worker)


@scenario()
async def polling(m: Machine) -> None:
    """One thread polls for what another does."""
    ready = Word(m, "ready")

    async def poll() -> None:
        while not await ready.load():
            await m.yield_now()

    poller = m.spawn(poll, name="poller")
    await m.checkpoint("prepare")
    await ready.store(1)
    await poller.join()


@scenario(expect="assertion")
async def impatient(m: Machine) -> None:
    """A sleeper that wakes early sees work undone."""
    done = Word(m, "done")

    async def work() -> None:
        for _ in range(20):
            await m.checkpoint("work")
        await done.store(1)

    m.spawn(work)
    await m.sleep(1)
    assert await done.load() == 1
