"""Programs in which one thread gives another news, in every order of look, change and news."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import product
from typing import Literal, get_args

from emu.engine.machine import Machine
from emu.engine.scenario import scenario
from emu.gosync.cond import Cond
from emu.gosync.mutex import Mutex as GoMutex
from emu.posix.condvar import Condition
from emu.posix.memory import Word
from emu.posix.mutex import Mutex

Look = Literal["none", "if", "while", "outside"]
"""What the waiter does before it waits: whether it looks at the flag, and where."""

Change = Literal["none", "before", "inside", "after"]
"""When the giver sets the flag: before it has the mutex, with it, after that, or never."""

News = Literal["before", "inside", "after"]
"""When it tells of that."""

EVERY = list(product(get_args(Look), get_args(Change), get_args(News)))


@scenario()
async def news(
    m: Machine,
    *,
    look: Look = "while",
    change: Change = "inside",
    tell: News = "inside",
    go: bool = False,
) -> None:
    """One thread waits for a flag, another sets it and tells."""
    flag = Word(m, "flag", 0)
    mutex = GoMutex(m, "mutex") if go else Mutex(m, "mutex")
    ready = Cond(m, "ready") if go else Condition(m, "ready")
    wait: Callable[..., Awaitable[object]] = ready.wait

    async def waiter() -> None:
        if look == "outside" and await flag.load():
            return
        async with mutex:
            if look in ("none", "outside"):
                await wait(mutex)
            elif look == "if":
                if not await flag.load():
                    await wait(mutex)
            else:
                while not await flag.load():
                    await wait(mutex)

    async def giver() -> None:
        async def do(when: str) -> None:
            if change == when:
                await flag.store(1)
            if tell == when:
                await ready.signal()

        await do("before")
        async with mutex:
            await do("inside")
        await do("after")

    threads = [m.spawn(waiter, name="waiter"), m.spawn(giver, name="giver")]
    for thread in threads:
        await thread.join()


@scenario()
async def untold(m: Machine) -> None:
    """What the waiter looks at is a plain variable, which no log has."""
    mutex, ready = Mutex(m, "mutex"), Condition(m, "ready")
    done = False

    async def waiter() -> None:
        async with mutex:
            while not done:
                await ready.wait(mutex)

    async def giver() -> None:
        nonlocal done
        async with mutex:
            done = True
            await ready.signal()

    threads = [m.spawn(waiter, name="waiter"), m.spawn(giver, name="giver")]
    for thread in threads:
        await thread.join()


@scenario()
async def handed(m: Machine) -> None:
    """The waiter looks at nothing, but the giver knows that it waits."""
    mutex, ready, waits = Mutex(m, "mutex"), Condition(m, "ready"), Word(m, "waits", 0)

    async def waiter() -> None:
        async with mutex:
            await waits.store(1)
            await ready.wait(mutex)

    async def giver() -> None:
        while True:
            async with mutex:
                if await waits.load():
                    await ready.signal()
                    return
            await m.yield_now()

    threads = [m.spawn(waiter, name="waiter"), m.spawn(giver, name="giver")]
    for thread in threads:
        await thread.join()


@scenario()
async def often(m: Machine) -> None:
    """The news may be missed, but comes again and again."""
    mutex, ready, over = Mutex(m, "mutex"), Condition(m, "ready"), Word(m, "over", 0)

    async def waiter() -> None:
        async with mutex:
            await ready.wait(mutex)
        await over.store(1)

    async def giver() -> None:
        while not await over.load():
            await ready.signal()
            await m.yield_now()

    threads = [m.spawn(waiter, name="waiter"), m.spawn(giver, name="giver")]
    for thread in threads:
        await thread.join()


@scenario()
async def two_waiters(m: Machine, *, broadcast: bool = True) -> None:
    """Two wait for one flag; the news is for both, or for one alone."""
    mutex, ready, flag = Mutex(m, "mutex"), Condition(m, "ready"), Word(m, "flag", 0)

    async def waiter() -> None:
        async with mutex:
            while not await flag.load():
                await ready.wait(mutex)

    async def giver() -> None:
        async with mutex:
            await flag.store(1)
            await (ready.broadcast() if broadcast else ready.signal())

    threads = [m.spawn(waiter), m.spawn(waiter), m.spawn(giver, name="giver")]
    for thread in threads:
        await thread.join()
