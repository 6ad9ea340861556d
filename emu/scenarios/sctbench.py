"""Twelve programs of SCTBench, one step for each visible operation; `fixed` repairs them.

SCTBench (P. Thomson, A. Donaldson, A. Betts: Concurrency Testing Using Controlled Schedulers,
TOPC 2016) collects small programs with one bug each, on which schedulers are compared. These
keep the bugs and the steps that matter, and are written anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from emu.engine.machine import Machine
from emu.engine.param import Some
from emu.engine.scenario import scenario
from emu.engine.thread import Thread
from emu.gosync.cond import Cond
from emu.gosync.go import go
from emu.gosync.mutex import Mutex
from emu.posix.memory import Word
from emu.scenarios.deque import Deque, add

Body = Callable[[], Awaitable[None]]


async def start(m: Machine, **bodies: Body) -> list[Thread]:
    """Start each body as the thread of that name, in this order."""
    return [await go(m, body, name=name) for name, body in bodies.items()]


async def join(threads: list[Thread]) -> None:
    """Wait for all of them, in order."""
    for thread in threads:
        await thread.join()


@scenario(expect="deadlock")
async def deadlock01(m: Machine, *, fixed: bool = False) -> None:
    """Two threads take two locks in opposite orders."""
    a, b = Mutex(m, "a"), Mutex(m, "b")
    counter = Word(m, "counter", 1)

    async def T1() -> None:
        async with a, b:
            await add(counter, 1)

    async def T2() -> None:
        first, second = (a, b) if fixed else (b, a)
        async with first, second:
            await add(counter, -1)

    await join(await start(m, T1=T1, T2=T2))


@scenario(expect="assertion")
async def lazy01(m: Machine, *, fixed: bool = False) -> None:
    """A lock is right, the order is not: one thread must not come last."""
    mutex, data = Mutex(m, "m"), Word(m, "data")

    async def T1() -> None:
        async with mutex:
            await add(data, 1)

    async def T2() -> None:
        async with mutex:
            await add(data, 2)

    async def T3() -> None:
        async with mutex:
            assert await data.load() < 3

    if fixed:
        await join(await start(m, T3=T3))
        await join(await start(m, T1=T1, T2=T2))
    else:
        await join(await start(m, T1=T1, T2=T2, T3=T3))


@scenario(expect="assertion")
async def token_ring(m: Machine, *, fixed: bool = False) -> None:
    """Three atomic blocks pass a value around; in most orders it does not arrive."""
    mutex = Mutex(m, "g")
    x1, x2, x3 = Word(m, "x1", 1), Word(m, "x2", 2), Word(m, "x3", 1)
    f1, f2, f3 = Word(m, "f1"), Word(m, "f2"), Word(m, "f3")

    async def T1() -> None:
        async with mutex:
            await x1.store((await x3.load() + 1) % 4)
            await f1.store(1)

    async def T2() -> None:
        async with mutex:
            await x2.store(await x1.load())
            await f2.store(1)

    async def T3() -> None:
        async with mutex:
            await x3.store(await x2.load())
            await f3.store(1)

    async def T4() -> None:
        async with mutex:
            if await f1.load() and await f2.load() and await f3.load():
                assert await x1.load() == await x2.load() and await x2.load() == await x3.load()

    for name, body in {"T1": T1, "T2": T2, "T3": T3, "T4": T4}.items():
        thread = await go(m, body, name=name)
        if fixed:
            await thread.join()


@scenario(expect="assertion")
async def wronglock(m: Machine, *, others: Some = 3, fixed: bool = False) -> None:
    """An update is protected by a lock, and by another one elsewhere."""
    right, wrong = Mutex(m, "D"), Mutex(m, "L")
    value = Word(m, "v")

    async def A() -> None:
        async with right:
            before = await value.load()
            await add(value, 1)
            assert await value.load() == before + 1

    async def B() -> None:
        async with right if fixed else wrong:
            await add(value, 1)

    await join(await start(m, A=A, **{f"B{i}": B for i in range(others)}))


@scenario(expect="assertion")
async def circular_buffer(m: Machine, *, rounds: Some = 7, fixed: bool = False) -> None:
    """Two loops over a ring of ten must alternate, and need not."""
    mutex, turn = Mutex(m, "m"), Cond(m, "turn")
    first, behind = Word(m, "first"), Word(m, "next")
    send, receive = Word(m, "send", 1), Word(m, "receive")
    ring = [Word(m, f"b{i}") for i in range(10)]

    async def allowed(flag: Word) -> bool:
        while not await flag.load():
            if not fixed:
                return False
            await turn.wait(mutex)
        return True

    async def T1() -> None:
        for i in range(rounds):
            async with mutex:
                if await allowed(send):
                    n = await behind.load()
                    if n < 10:
                        await ring[n].store(i)
                        await behind.store((n + 1) % 10)
                    await send.store(0)
                    await receive.store(1)
                    if fixed:
                        await turn.signal()

    async def T2() -> None:
        for i in range(rounds):
            async with mutex:
                if await allowed(receive):
                    n, f, got = await behind.load(), await first.load(), -1
                    if n > 0 and f < 10:
                        await first.store(f + 1)
                        got = await ring[f].load()
                    assert got == i
                    await receive.store(0)
                    await send.store(1)
                    if fixed:
                        await turn.signal()

    await join(await start(m, T1=T1, T2=T2))


@scenario(expect="assertion")
async def aget(m: Machine, *, fixed: bool = False) -> None:
    """A signal handler, a thread here, reads variables that should agree."""
    mutex, total = Mutex(m, "m"), Word(m, "total")
    offsets = [Word(m, "off0"), Word(m, "off1")]

    async def download(own: Word) -> None:
        for _ in range(2):
            if fixed:
                async with mutex:
                    await add(own, 1)
                    await add(total, 1)
            else:
                await add(own, 1)
                async with mutex:
                    await add(total, 1)

    async def save() -> None:
        read = await offsets[0].load() + await offsets[1].load()
        assert read == await total.load()

    async def SIG() -> None:
        if fixed:
            async with mutex:
                await save()
        else:
            await save()

    await go(m, SIG, name="SIG")
    await join([await go(m, download, own, name=f"D{i}") for i, own in enumerate(offsets)])


@scenario(expect="assertion")
async def reorder(
    m: Machine, *, setters: Some = 4, checkers: Some = 1, fixed: bool = False
) -> None:
    """A tiny window in one of many identical threads, that any other of them closes."""
    a, b, mutex = Word(m, "a"), Word(m, "b"), Mutex(m, "m")

    async def set_both() -> None:
        await a.store(1)
        await b.store(-1)

    async def check() -> None:
        before = await a.load() == 0 and await b.load() == 0
        assert before or (await a.load() == 1 and await b.load() == -1)

    async def guarded(body: Body) -> None:
        if fixed:
            async with mutex:
                await body()
        else:
            await body()

    threads = [await go(m, guarded, set_both, name=f"S{i}") for i in range(setters)]
    threads += [await go(m, guarded, check, name=f"C{i}") for i in range(checkers)]
    await join(threads)


@scenario(expect="assertion")
async def work_steal_queue(m: Machine, *, fixed: bool = False) -> None:
    """A deque whose owner takes a full ring for one with room: an item runs twice, one never."""
    deque = Deque(m, slack=0 if fixed else 1)
    runs = [Word(m, f"item{i}") for i in range(4)]

    async def thief() -> None:
        for _ in range(2):
            item = await deque.steal()
            if item is not None:
                await add(runs[item], 1)

    async def pop() -> None:
        item = await deque.pop()
        if item is not None:
            await add(runs[item], 1)

    thieves = [await go(m, thief, name=f"thief {i}") for i in range(2)]
    for i in range(2):
        await deque.push(2 * i)
        await deque.push(2 * i + 1)
        await pop()
    await pop()
    await pop()
    await join(thieves)
    for count in runs:
        assert await count.load() == 1


@scenario(expect="assertion")
async def bounded_buffer(m: Machine, *, fixed: bool = False) -> None:
    """Between its test and its use of a ring a consumer lets go of the lock."""
    mutex, not_full, not_empty = Mutex(m, "m"), Cond(m, "not_full"), Cond(m, "not_empty")
    head, rear = Word(m, "head"), Word(m, "rear")
    putters, getters = Word(m, "p_wait"), Word(m, "c_wait")
    ring = [Word(m, f"slot{i}") for i in range(3)]

    async def full() -> bool:
        return bool((await rear.load() + 1) % 3 == await head.load())

    async def empty() -> bool:
        return bool(await head.load() == await rear.load())

    async def put(item: int) -> None:
        async with mutex:
            if await full():
                await add(putters, 1)
                while await full():
                    await not_full.wait(mutex)
                await add(putters, -1)
            r = await rear.load()
            await ring[r].store(item)
            await rear.store((r + 1) % 3)
            if await getters.load() > 0:
                await not_empty.signal()

    async def get() -> None:
        async with mutex:
            if await empty():
                await add(getters, 1)
                while await empty():
                    await not_empty.wait(mutex)
                await add(getters, -1)
            if not fixed:
                await mutex.unlock()
                await mutex.lock()
            assert not await empty()
            h = await head.load()
            await ring[h].load()
            await head.store((h + 1) % 3)
            if await putters.load() > 0:
                await not_full.signal()

    async def P() -> None:
        for item in range(4):
            await put(item)

    async def C() -> None:
        for _ in range(4):
            await get()

    await join(await start(m, P0=P, P1=P, C0=C, C1=C))


@scenario(expect="panic")
async def lazy_lock(m: Machine, *, fixed: bool = False) -> None:
    """Two threads make the same lock, and one unlocks what the other made."""
    monitor = Word(m, "monitor", None)
    mutex, condition, alive = Mutex(m, "am"), Cond(m, "ac"), Word(m, "alive", 2)
    making = Mutex(m, "making")

    async def make() -> None:
        if await monitor.load() is None:
            made = Mutex(m, f"monitor of {m.current.name}", checked=True)
            await monitor.store(made)

    async def T() -> None:
        if fixed:
            async with making:
                await make()
        else:
            await make()
        await (await monitor.load()).lock()
        await (await monitor.load()).unlock()
        async with mutex:
            await add(alive, -1)
            await condition.signal()

    await start(m, T0=T, T1=T)
    async with mutex:
        while await alive.load() > 0:
            await condition.wait(mutex)


@scenario(expect="panic")
async def pbzip2(m: Machine, *, fixed: bool = False) -> None:
    """A queue's lock is destroyed while a consumer still needs it."""
    queue, not_empty, outputs = Mutex(m, "fm"), Cond(m, "notEmpty"), Mutex(m, "om")
    items, following, all_done = Word(m, "items"), Word(m, "next"), Word(m, "allDone")
    out = [Word(m, "out0"), Word(m, "out1")]

    async def consumer() -> None:
        while True:
            await queue.lock()
            while await items.load() == 0:
                if await all_done.load():
                    await queue.unlock()
                    return
                await queue.unlock()  # a timed wait that may time out at any moment
                await m.yield_now()
                await queue.lock()
            await add(items, -1)
            i = await following.load()
            await following.store(i + 1)
            await queue.unlock()
            async with outputs:
                await out[i].store(1)

    async def writer() -> None:
        for block in out:
            while True:
                async with outputs:
                    written = await block.load()
                if written:
                    break
                await m.yield_now()

    *consumers, W = await start(m, C0=consumer, C1=consumer, W=writer)
    for _ in range(2):
        async with queue:
            await add(items, 1)
        await not_empty.signal()
    await all_done.store(1)
    await W.join()
    if fixed:
        await join(consumers)
    await queue.destroy()
