"""Twelve bugs of GoKer, one step for each visible operation; `fixed` repairs them.

GoKer (T. Yuan et al.: GoBench, CGO 2021) retells bugs of large Go programs as kernels. These
keep the bugs and the steps that matter, and are written anew; each has the name of the
project and the number under which it was reported there.
"""

from __future__ import annotations

from emu.engine.machine import Machine
from emu.engine.scenario import scenario
from emu.engine.thread import Panic
from emu.gosync.channel import Channel, NilChannel
from emu.gosync.cond import Cond
from emu.gosync.go import after, go
from emu.gosync.mutex import Mutex
from emu.gosync.rwmutex import RWMutex
from emu.gosync.select import DEFAULT, select
from emu.gosync.waitgroup import WaitGroup
from emu.posix.memory import Word
from emu.scenarios.deque import add


@scenario(expect="deadlock")
async def cockroach10214(m: Machine, *, fixed: bool = False) -> None:
    """Two locks in opposite orders, over a chain of calls."""
    C, Q = Mutex(m, "C"), Mutex(m, "Q")
    R1, R2 = Mutex(m, "R1"), Mutex(m, "R2")

    async def G1() -> None:
        async with C:
            for _ in range(2):
                async with R1:
                    pass
                async with R2:
                    pass

    async def G2() -> None:
        async with R1, Q:
            if not fixed:
                for _ in range(2):
                    async with C:
                        pass

    await go(m, G1, name="G1")
    await go(m, G2, name="G2")


@scenario(expect="deadlock")
async def cockroach16167(m: Machine, *, fixed: bool = False) -> None:
    """A read lock taken twice, with a writer that comes in between."""
    W = RWMutex(m, "W")

    async def G1() -> None:
        await W.lock()
        await W.unlock()

    await go(m, G1, name="G1")
    await W.rlock()
    if not fixed:
        await W.rlock()
        await W.runlock()
    await W.runlock()


@scenario(expect="leak")
async def etcd6857(m: Machine, *, fixed: bool = False) -> None:
    """A request is sent to a loop that has stopped."""
    status, stop, done = Channel(m, "status"), Channel(m, "stop"), Channel(m, "done")

    async def RUN() -> None:
        while True:
            taken = await select(m, status.receiving(), stop.receiving())
            if taken.case == 1:
                await done.close()
                return
            await taken.value.send(1)

    async def STATUS() -> None:
        c = Channel(m, "c")
        if fixed:
            taken = await select(m, status.sending(c), done.receiving())
            if taken.case == 1:
                return
        else:
            await status.send(c)
        await c.receive()

    async def STOP() -> None:
        taken = await select(m, stop.sending(), done.receiving())
        if taken.case == 0:
            await done.receive()

    await go(m, RUN, name="RUN")
    await go(m, STATUS, name="STATUS")
    await go(m, STOP, name="STOP")


@scenario(expect={"some": ["leak"]})
async def etcd6873(m: Machine, *, fixed: bool = False) -> None:
    """A lock is held while its holder waits for a worker that needs it."""
    mu, upd, done = Mutex(m, "mu"), Channel(m, "upd", 1), Channel(m, "done")

    async def W() -> None:
        while (await upd.receive())[1]:
            async with mu:
                pass
        await done.close()

    async def STOP() -> None:
        await mu.lock()
        await upd.close()
        if fixed:
            await mu.unlock()
        await done.receive()
        if not fixed:
            await mu.unlock()

    await go(m, W, name="W")
    await select(m, upd.sending(), default=True)
    await go(m, STOP, name="STOP")


@scenario(expect="leak")
async def moby33781(m: Machine, *, fixed: bool = False) -> None:
    """A probe is left behind when a request to stop wins a select."""
    stop = Channel(m, "stop")

    async def PROBE(results: Channel) -> None:
        await results.send(1)
        await results.close()

    async def MON() -> None:
        for i in range(3):
            t = await after(m, f"t{i}")
            if (await select(m, stop.receiving(), t.receiving())).case == 0:
                return
            results = Channel(m, f"results {i}", 1 if fixed else 0)
            await go(m, PROBE, results, name=f"PROBE{i}")
            deadline = await after(m, f"deadline {i}")
            cases = stop.receiving(), results.receiving(), deadline.receiving()
            taken = await select(m, *cases)
            if taken.case == 0:
                return
            if taken.case == 2:
                await results.receive()
        await stop.receive()

    await go(m, MON, name="MON")
    await go(m, stop.send, name="G2")


@scenario(expect={"some": ["leak"]})
async def moby28462(m: Machine, *, fixed: bool = False) -> None:
    """A lock is held while its holder sends to whoever waits for the lock."""
    C, stop = Mutex(m, "C"), Channel(m, "stop")

    async def MON() -> None:
        while (await select(m, stop.receiving(), default=True)).case == DEFAULT:
            async with C:
                pass
            await m.yield_now()

    async def CHG() -> None:
        await C.lock()
        if fixed:
            await C.unlock()
        await stop.close() if fixed else await stop.send()
        if not fixed:
            await C.unlock()

    await go(m, MON, name="MON")
    await go(m, CHG, name="CHG")


@scenario(expect="stalled")
async def cockroach1462(m: Machine, *, fixed: bool = False) -> None:
    """A sender decides to send just before everybody stops."""
    events, stopper = Channel(m, "events"), Channel(m, "stopper")
    stop, mu, draining = WaitGroup(m, "stop"), Mutex(m, "mu"), Word(m, "draining")

    async def TR() -> None:
        for _ in range(4):
            if (await select(m, stopper.receiving(), default=True)).case == 0:
                break
            if not fixed:
                await events.send()
            elif (await select(m, events.sending(), stopper.receiving())).case == 1:
                break
        else:
            await stopper.receive()
        await stop.done()

    async def PR() -> None:
        while (await select(m, stopper.receiving(), events.receiving())).case == 1:
            pass
        await stop.done()

    await stop.add(1)
    await go(m, TR, name="TR")
    await stop.add(1)
    await go(m, PR, name="PR")
    async with mu:
        await draining.store(1)
    await stopper.close()
    await stop.wait()


@scenario(expect="stalled")
async def serving2137(m: Machine, *, fixed: bool = False) -> None:
    """Two requests are admitted in the wrong order."""
    pending, active = Channel(m, "pending", 2), Channel(m, "active", 1)
    locks = [Mutex(m, f"r{i}") for i in range(2)]
    accepted = [Channel(m, f"acc{i}", 1) for i in range(2)]
    started = [WaitGroup(m, f"start{i}") for i in range(2)]

    async def G(i: int) -> None:
        if not fixed:
            await started[i].done()
        result = False
        if (await select(m, pending.sending(), default=True)).case == 0:
            await active.send()
            if fixed:
                await started[i].done()
            async with locks[i]:
                pass
            await active.receive()
            await pending.receive()
            result = True
        await accepted[i].send(result)

    for i in range(2):
        await locks[i].lock()
        await started[i].add(1)
        await go(m, G, i, name=f"G{i}")
        await started[i].wait()
        if fixed:
            await locks[i].unlock()
    for i in range(2):
        if not fixed:
            await locks[i].unlock()
        value, _ = await accepted[i].receive()
        await accepted[i].send(value)


@scenario(expect="leak")
async def moby27782(m: Machine, *, fixed: bool = False) -> None:
    """A follower of a log waits on a condition that nobody will signal."""
    readers = Word(m, "readers", ())
    notify, events, done = Channel(m, "notify"), Channel(m, "events"), Channel(m, "done")
    mu, cv = Mutex(m, "mu"), Cond(m, "cv")

    async def EV() -> None:
        while (await select(m, done.receiving(), default=True)).case == DEFAULT:
            if (await select(m, events.sending(), done.receiving())).case == 1:
                break
        await events.close()

    async def FOL() -> None:
        await readers.store((*await readers.load(), notify))
        await go(m, EV, name="EV")
        taken = await select(m, events.receiving(), notify.receiving())
        if taken.case == 1 and not fixed:
            async with mu:
                while True:
                    await cv.wait(mu)
        if (await select(m, done.receiving(), default=True)).case == DEFAULT:
            await done.close()

    async def INIT() -> None:
        await go(m, FOL, name="FOL")
        for channel in await readers.load():
            await channel.close()
        await readers.store(())

    await go(m, INIT, name="INIT")


@scenario(expect="panic")
async def grpc2371(m: Machine, *, fixed: bool = False) -> None:
    """A balancer is used after it was closed."""
    mu, upd = RWMutex(m, "mu"), Channel(m, "upd", 1)
    balancer = Word(m, "balancer", upd)

    async def W() -> None:
        await mu.lock()
        b = await balancer.load()
        if b is not None:
            await select(m, b.receiving(), default=True)
            await b.send()
        elif not fixed:
            raise Panic("nil pointer dereference")
        await mu.unlock()

    async def CL() -> None:
        await mu.lock()
        await balancer.store(None)
        await mu.unlock()

    await go(m, W, name="W")
    await go(m, CL, name="CL")


@scenario(expect="assertion")
async def kubernetes81091(m: Machine, *, fixed: bool = False) -> None:
    """Two workers add to one number in two steps."""
    pieces, group = Channel(m, "pieces", 2), WaitGroup(m, "wg")
    n, mutex = Word(m, "n"), Mutex(m, "m")

    async def W() -> None:
        while (await pieces.receive())[1]:
            if fixed:
                async with mutex:
                    await add(n, 1)
            else:
                await add(n, 1)
        await group.done()

    for piece in range(2):
        await pieces.send(piece)
    await pieces.close()
    await group.add(2)
    await go(m, W, name="W0")
    await go(m, W, name="W1")
    await group.wait()
    assert await n.load() == 2


@scenario(expect="leak")
async def istio8967(m: Machine, *, fixed: bool = False) -> None:
    """A variable that holds a channel is cleared before its reader has read it."""
    d = Word(m, "d", Channel(m, "c"))

    async def LOOP() -> None:
        await (await d.load()).receive()

    await go(m, LOOP, name="LOOP")
    await (await d.load()).close()
    if not fixed:
        await d.store(NilChannel(m))
