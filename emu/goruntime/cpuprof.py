"""The CPU profiler: its timer, its signal, and the one lock that is taken in a handler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emu.goruntime.lock import Lock
from emu.goruntime.m import G
from emu.goruntime.note import Note
from emu.posix.action import IGNORE, Action

if TYPE_CHECKING:
    from emu.goruntime.runtime import Runtime

SECOND: Final = 1_000_000_000

LOG: Final = 1 << 20
"""How many bytes the log takes."""


class CpuProf:
    """The profile: rate, callback (here: whether there is one) and the log of stacks."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.lk = Lock(rt, "lk")
        self.prof = Lock(rt, "prof")
        self.on = False
        self.hz = 0
        self.log: list[tuple[str, ...]] = []
        self.handoff = 0
        self.wait = Note(rt, "prof.wait")

    async def SetCPUProfileRate(self, hz: int) -> None:
        """Start profiling at `hz` samples a second; 0 stops."""
        rt = self.rt
        with rt.machine.region("SetCPUProfileRate"):
            # So that the table is there before a handler asks for it.
            await rt.symtab.findfunc(0)
            await self.lk.lock()
            if hz:
                if not await rt.mmap(LOG):
                    rt.print("runtime: cannot allocate the profile's log")
                    await self.lk.unlock()
                    return
                self.log = []
                self.handoff = 0
                await self.wait.clear()
                await self.setcpuprofilerate(hz)
            else:
                await self.setcpuprofilerate(0)
                await rt.checkpoint("cas handoff")
                self.handoff |= 1
                await self.wait.wakeup()
            await self.lk.unlock()

    async def setcpuprofilerate(self, hz: int) -> None:
        """Change the rate: first off on this thread, or a tick would lock `prof` again."""
        rt = self.rt
        await self.resetcpuprofiler(0)
        await self.prof.lock()
        await rt.checkpoint("store prof")
        self.on = bool(hz)
        self.hz = hz
        await self.prof.unlock()
        await rt.sched.sched.lock()
        rt.sched.profilehz = hz
        await rt.sched.unlock()
        if hz:
            await self.resetcpuprofiler(hz)

    async def resetcpuprofiler(self, hz: int) -> None:
        """Apply a rate: the timer is one for the whole process, the note of it the M's own."""
        rt = self.rt
        with rt.machine.region("resetcpuprofiler"):
            if hz:
                await rt.signals.setsig("SIGPROF", restart=True)
                await rt.setitimer("ITIMER_PROF", SECOND // hz)
            else:
                await rt.setitimer("ITIMER_PROF", 0)
                await rt.sigaction("SIGPROF", Action(IGNORE))
            rt.m.profilehz = hz

    async def sigprof(self, gp: G | int | None) -> None:
        """In the handler: note the stack of what was interrupted. Must not allocate."""
        rt = self.rt
        with rt.machine.region("sigprof"):
            await rt.checkpoint("load prof")
            if not self.on or not self.hz:
                return
            await self.prof.lock()
            if isinstance(gp, G) and self.on:
                with rt.call("gentraceback"):
                    stack = await rt.traceback.stack(gp)
                await rt.checkpoint("cas handoff")
                self.log.append(stack)
            await self.prof.unlock()
