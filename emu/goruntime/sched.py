"""The scheduler: one queue of goroutines, one lock, one atomic word. There is no P yet."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, NoReturn

from emu.goruntime.gogo import Switch, mcall, resume
from emu.goruntime.lock import Lock
from emu.goruntime.m import (
    GDEAD,
    GMORIBUND,
    GRUNNABLE,
    GRUNNING,
    GSYSCALL,
    GWAITING,
    G,
    M,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emu.goruntime.runtime import Runtime

MAXGOMAXPROCS: Final = 127


class Sched:
    """The run queue and the parked Ms, under `sched`; and the atomic word's fields.

    `mcpu` is how many Ms run Go code, `mcpumax` how many may; `gwaiting` whether a
    goroutine is queued, `waitstop` whether somebody waits for the world to stop.
    """

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.sched = Lock(rt, "sched")
        self.queue: list[G] = []
        self.parked: list[M] = []
        self.wakeup: M | None = None
        self.mcpu = 0
        self.mcpumax = 0
        self.waitstop = False
        self.gwaiting = False
        self.grunning = 0
        self.gcount = 0
        self.goidgen = 0
        self.profilehz = 0
        self.scvg: G | None = None

    # The lock and the word.

    async def unlock(self) -> None:
        """Free `sched`, then wake the M that was given a goroutine meanwhile, if any."""
        m, self.wakeup = self.wakeup, None
        await self.sched.unlock()
        if m is not None and m.havenextg is not None:
            await m.havenextg.wakeup()

    async def canaddmcpu(self) -> bool:
        """Take a slot for an M that is to run Go code, if one is free."""
        await self.rt.checkpoint("cas sched.atomic")
        if self.mcpu >= self.mcpumax:
            return False
        self.mcpu += 1
        return True

    async def release_mcpu(self) -> None:
        """Give this M's slot back."""
        await self.rt.checkpoint("xadd sched.atomic")
        self.mcpu -= 1
        if self.mcpu < 0:
            await self.rt.panic.throw("negative mcpu in scheduler")

    async def wake_stopper(self) -> None:
        """Wake who waits for the world to stop, if it has."""
        await self.rt.checkpoint("atomicload sched.atomic")
        if self.waitstop and self.mcpu <= self.mcpumax:
            self.waitstop = False
            await self.rt.world.stopped.wakeup()

    # Making goroutines run; sched is held.

    async def gput(self, gp: G) -> None:
        """Queue a runnable goroutine, or hand it to the M that it is wired to."""
        if gp.lockedm is not None and await self.canaddmcpu():
            await self.mnextg(gp.lockedm, gp)
            return
        self.queue.append(gp)
        if not self.gwaiting:
            await self.rt.checkpoint("xadd sched.atomic")
            self.gwaiting = True

    async def gget(self) -> G:
        """Take the oldest goroutine from the queue."""
        gp = self.queue.pop(0)
        if not self.queue:
            await self.rt.checkpoint("xadd sched.atomic")
            self.gwaiting = False
        return gp

    async def mnextg(self, m: M, gp: G) -> None:
        """Give `gp` to `m`, for which a slot has been taken; wakes it if it is parked."""
        self.grunning += 1
        m.nextg = gp
        if m.waitnextg:
            m.waitnextg = False
            if self.wakeup is not None and self.wakeup.havenextg is not None:
                await self.wakeup.havenextg.wakeup()
            self.wakeup = m

    async def matchmg(self) -> None:
        """Find an M, parked or new, for every queued goroutine that may run now."""
        me = self.rt.m
        if me.mallocing or me.gcing:
            return
        while self.queue and await self.canaddmcpu():
            gp = await self.gget()
            m = gp.lockedm or (self.parked.pop() if self.parked else None)
            if m is None:
                m = await self.rt.threads.newm()
            await self.mnextg(m, gp)

    async def readylocked(self, gp: G) -> None:
        """Make a goroutine runnable."""
        if gp.m is not None:
            gp.readyonstop = True
            return
        if gp.status in (GRUNNABLE, GRUNNING):
            await self.rt.panic.throw("bad g->status in ready")
        gp.status = GRUNNABLE
        await self.gput(gp)
        await self.matchmg()

    async def ready(self, gp: G) -> None:
        """Make a goroutine runnable; takes sched."""
        await self.sched.lock()
        await self.readylocked(gp)
        await self.unlock()

    # Choosing what this M runs, on g0.

    async def schedule(self, gp: G | None) -> G:
        """One round: put away the goroutine that ran here, and find or wait for the next."""
        with self.rt.machine.region("schedule"):
            return await self._schedule(gp)

    async def _schedule(self, gp: G | None) -> G:
        rt = self.rt
        m = rt.m
        await self.sched.lock()
        if gp is not None:
            await self._put_away(gp)
        elif m.helpgc:
            await self.release_mcpu()
            self.grunning -= 1
            m.helpgc = 0
        elif m.nextg is None:
            await rt.panic.throw("invalid m state in scheduler")
        found = await self._nextgandunlock()
        found.readyonstop = False
        found.status = GRUNNING
        found.waitreason = ""
        m.curg = found
        found.m = m
        hz = self.profilehz
        if m.profilehz != hz:
            await rt.cpuprof.resetcpuprofiler(hz)
        return found

    async def _put_away(self, gp: G) -> None:
        rt = self.rt
        gp.m = None
        self.grunning -= 1
        await self.release_mcpu()
        if gp.status in (GRUNNABLE, GDEAD):
            await rt.panic.throw("bad gp->status in sched")
        elif gp.status == GRUNNING:
            gp.status = GRUNNABLE
            await self.gput(gp)
        elif gp.status == GMORIBUND:
            gp.status = GDEAD
            if gp.lockedm is not None:
                gp.lockedm.lockedg = None
                gp.lockedm = None
            self.gcount -= 1
            if not self.gcount:
                rt.panic.exit(0)
        if gp.readyonstop:
            gp.readyonstop = False
            await self.readylocked(gp)

    async def _nextgandunlock(self) -> G:
        """The next goroutine for this M; sched is held, and free on return."""
        rt = self.rt
        m = rt.m
        while True:
            gp = self._take_nextg(m)
            if gp is not None:
                await self.unlock()
                return gp
            if m.lockedg is None:
                found = await self._from_queue()
                if found is not None:
                    return found
                self.parked.append(m)
            elif self.queue:
                await self.matchmg()
                gp = self._take_nextg(m)
                if gp is not None:
                    await self.unlock()
                    return gp
            await self._park(m)
            if not m.helpgc:
                break
            await rt.gc.gchelper()
            m.helpgc = 0
            await self.sched.lock()
        gp = self._take_nextg(m)
        if gp is None:
            await rt.panic.throw("bad m->nextg in nextgoroutine")
        return gp

    def _take_nextg(self, m: M) -> G | None:
        gp, m.nextg = m.nextg, None
        return gp

    async def _from_queue(self) -> G | None:
        while self.queue and await self.canaddmcpu():
            gp = await self.gget()
            if gp.lockedm is not None:
                await self.mnextg(gp.lockedm, gp)
                continue
            self.grunning += 1
            await self.unlock()
            return gp
        return None

    async def _park(self, m: M) -> None:
        """Free sched, and sleep until this M is given something to do."""
        scvg = self.scvg
        idle_scavenger = scvg is not None and scvg.status in (GRUNNING, GSYSCALL)
        if (scvg is None and not self.grunning) or (
            idle_scavenger and self.grunning == 1 and not self.queue
        ):
            await self.rt.panic.throw("all goroutines are asleep - deadlock!")
        m.nextg = None
        m.waitnextg = True
        assert m.havenextg is not None
        await m.havenextg.clear()
        await self.wake_stopper()
        await self.unlock()
        await m.havenextg.sleep()

    # What a goroutine asks for.

    async def newproc(
        self, entry: Callable[[], Awaitable[None]], name: str, *, creator: str = "main.main"
    ) -> G:
        """A new goroutine that runs `entry`, the function called `name`; takes sched."""
        rt = self.rt

        async def body() -> None:
            with rt.call(name):
                await entry()

        await self.sched.lock()
        gp = await rt.stacks.malg(name)
        rt.allg.append(gp)
        gp.entry = body
        gp.status = GWAITING
        gp.waitreason = "new goroutine"
        gp.gopc = creator
        self.gcount += 1
        self.goidgen += 1
        gp.goid = self.goidgen
        await self.readylocked(gp)
        await self.unlock()
        return gp

    async def gosched(self) -> None:
        """Let somebody else run."""
        rt = self.rt
        if rt.m.locks:
            await rt.panic.throw("gosched holding locks")
        if rt.g is rt.m.g0:
            await rt.panic.throw("gosched of g0")
        await mcall(self.schedule)

    async def park(self, reason: str) -> None:
        """Wait until somebody makes this goroutine ready."""
        g = self.rt.g
        g.status = GWAITING
        g.waitreason = reason
        await self.gosched()

    async def entersyscall(self) -> None:
        """Give the slot away for the time of a system call."""
        rt = self.rt
        with rt.machine.region("entersyscall"):
            rt.g.status = GSYSCALL
            await self.release_mcpu()
            if not self.gwaiting and not (self.waitstop and self.mcpu <= self.mcpumax):
                return
            await self.sched.lock()
            await rt.checkpoint("atomicload sched.atomic")
            if self.gwaiting:
                await self.matchmg()
            await self.wake_stopper()
            await self.unlock()

    async def exitsyscall(self) -> None:
        """Take a slot back, and queue up if there is none."""
        rt = self.rt
        with rt.machine.region("exitsyscall"):
            await rt.checkpoint("xadd sched.atomic")
            self.mcpu += 1
            m = rt.m
            fits = m.profilehz == self.profilehz and self.mcpu <= self.mcpumax
            if fits or m.locks > 0:
                rt.g.status = GRUNNING
                return
            rt.g.readyonstop = True
            await self.gosched()
        rt.g.status = GRUNNING

    # g0.

    async def run(self) -> NoReturn:
        """The life of an M, once it is set up: run one goroutine after another."""
        try:
            gp = await self.schedule(None)
            while True:
                switch = await self._execute(gp)
                gp = await switch.run(gp)
        finally:
            self._drop()

    def _drop(self) -> None:
        """The machine has ended: end the goroutines that no M runs, too."""
        for gp in self.rt.allg:
            running, gp.running = gp.running, None
            if running is not None and not gp.driven:
                with suppress(RuntimeError):  # one that waits while it unwinds
                    running.close()

    async def _execute(self, gp: G) -> Switch:
        """Run a goroutine until it leaves for g0."""
        rt = self.rt
        thread = rt.machine.current
        g0 = rt.m.g0
        assert g0 is not None
        outer, thread.region = thread.region, gp.region
        rt.stand_on(gp)
        if gp.running is None:
            assert gp.entry is not None
            gp.running = gp.entry()
        gp.driven = True
        switch = await resume(gp.running)
        gp.driven = False
        gp.region, thread.region = thread.region, outer
        rt.stand_on(g0)
        if switch is None:
            gp.status = GMORIBUND
            switch = Switch(self.schedule)
        return switch
