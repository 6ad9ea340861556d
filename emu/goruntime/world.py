"""Stopping and starting the world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emu.goruntime.note import Note

if TYPE_CHECKING:
    from emu.goruntime.runtime import Runtime

MAXGCPROC: Final = 4


class World:
    """Who collects garbage stops every other M that runs Go code."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.stopped = Note(rt, "stopped")

    async def stoptheworld(self) -> None:
        """Wait until no other M runs Go code, and let none start to."""
        rt = self.rt
        sched = rt.sched
        with rt.machine.region("stoptheworld"):
            await sched.sched.lock()
            await rt.checkpoint("store gcwaiting")
            rt.gc.waiting = True
            await rt.checkpoint("cas sched.atomic")
            sched.mcpumax = 1
            while True:
                await rt.checkpoint("atomicload sched.atomic")
                if sched.mcpu <= 1:
                    break
                await self.stopped.clear()
                if sched.waitstop:
                    await rt.panic.throw("invalid waitstop")
                await rt.checkpoint("cas sched.atomic")
                if sched.mcpu <= 1:
                    continue
                sched.waitstop = True
                await sched.unlock()
                await self.stopped.sleep()
                await sched.sched.lock()
            await sched.unlock()

    async def starttheworld(self, *, extra: bool) -> None:
        """Let the others run again; with `extra`, start an M to help with the next collection."""
        rt = self.rt
        sched = rt.sched
        with rt.machine.region("starttheworld"):
            await sched.sched.lock()
            await rt.checkpoint("store gcwaiting")
            rt.gc.waiting = False
            await rt.checkpoint("cas sched.atomic")
            sched.mcpumax = rt.gomaxprocs
            await sched.matchmg()
            if extra and await sched.canaddmcpu():
                m = await rt.threads.newm()
                m.helpgc = 1
                sched.grunning += 1
            await sched.unlock()

    async def helpgc(self) -> tuple[int, bool]:
        """Wake parked Ms to help; gives how many, and whether more could have helped."""
        rt = self.rt
        sched = rt.sched
        wanted = min(rt.gomaxprocs, rt.knobs.ncpu, MAXGCPROC) - 1
        helping = 0
        await sched.sched.lock()
        while helping < wanted and sched.parked:
            m = sched.parked.pop()
            helping += 1
            m.helpgc = 1
            m.waitnextg = False
            assert m.havenextg is not None
            await m.havenextg.wakeup()
        await sched.unlock()
        return helping, helping != wanted
