"""New Ms: newm, newosproc and what runs on a new thread until it can take a signal.

The windows of a native thread: W0 until the kernel's segment base is replaced, W1 and W2
until both slots are stored, W3 until `gsignal` is there, W4 until the alternate stack is,
W5 until the mask is empty, W6 from then on.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, NoReturn

from emu.goruntime.m import G, M, Tls
from emu.goruntime.note import Note
from emu.posix.altstack import AltStack

if TYPE_CHECKING:
    from emu.engine.thread import Thread
    from emu.goruntime.runtime import Runtime

M_RECORD: Final = 600
G0_STACK: Final = 8 * 1024
SIGNAL_STACK: Final = 32 * 1024
"""Sizes in bytes."""

KERNEL_TID: Final = 100_000
"""The kernel's thread ids begin here."""


class Threads:
    """Makes Ms and the threads that they are."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt

    async def mcommoninit(self, m: M) -> None:
        """Set up what every M has, and publish it."""
        rt = self.rt
        with rt.machine.region("mcommoninit"):
            m.id = len(rt.allm)
            m.havenextg = Note(rt, f"M{m.id} havenextg")
            m.mcache = await rt.heap.allocmcache()
            if rt.knobs.symtab == "at_bootstrap":
                m.createstack = await rt.traceback.callers()
                if not m.createstack:
                    await rt.symtab.findfunc(0)
            await rt.checkpoint("atomicstore allm")
            rt.allm.append(m)

    async def newm(self) -> M:
        """A new M and its thread; `sched` is held."""
        rt = self.rt
        with rt.machine.region("newm"):
            await rt.malloc.malloc(M_RECORD)
            m = M()
            await self.mcommoninit(m)
            if rt.knobs.cgo:
                m.g0 = await rt.stacks.malg("g0", -1)
                await rt.cgo.thread_start(m)
            else:
                m.g0 = await rt.stacks.malg("g0", G0_STACK)
                await self.newosproc(m)
        return m

    async def newosproc(self, m: M) -> None:
        """Start a native thread for `m`. Whether thr_new worked, nobody looks."""
        rt = self.rt
        kernel = rt.process.kernel
        with rt.machine.region("newosproc"):
            if rt.knobs.seed2_fix:
                before = await rt.sigprocmask(kernel.every())
            with suppress(OSError):
                await self._thr_new(m)
            if rt.knobs.seed2_fix:
                await rt.sigprocmask(before)

    async def _thr_new(self, m: M) -> None:
        """The system call: stack, thread id and segment base are set before the thread runs."""
        rt = self.rt
        thread = await rt.process.thr_new(self.thr_start, m, name=f"M{m.id}")
        m.thread = thread
        m.procid = KERNEL_TID + thread.id
        assert m.g0 is not None
        assert m.g0.stack is not None
        rt.process.signals(thread).stack = m.g0.stack
        # The base that thr_new was given makes the slots overlap procid and gsignal.
        rt.set_tls(thread, Tls(g=self._first_garbage(m), m=None))

    async def thr_start(self, m: M) -> NoReturn:
        """The first code on a native thread: the slots, then mstart."""
        machine = self.rt.machine
        tls = self.rt.tls
        with machine.region("thr_start"):
            with machine.region("W0"):
                await machine.checkpoint("settls")
            tls.g = m.id
            first, second = ("g", "m") if self.rt.machinery.g_before_m else ("m", "g")
            with machine.region("W1"):
                await machine.checkpoint(f"store {first}")
            self._store(tls, first, m)
            with machine.region("W2"):
                await machine.checkpoint(f"store {second}")
            self._store(tls, second, m)
        await self.mstart()

    async def mstart(self) -> NoReturn:
        """The life of an M, on its g0."""
        rt = self.rt
        with rt.call("mstart"):
            m = rt.m
            if rt.g is not m.g0:
                await rt.panic.throw("bad runtime.mstart")
            with rt.machine.region("W3"):
                await rt.checkpoint("stackcheck")
                await rt.checkpoint("gosave")
                await rt.checkpoint("asminit")
            await self.minit()
            if m is rt.m0 and rt.knobs.initsig == "after_minit":
                await rt.signals.initsig()
            await rt.sched.run()

    async def minit(self) -> None:
        """Give this thread a signal stack; with the fix, let it take signals from here on."""
        rt = self.rt
        kernel = rt.process.kernel
        with rt.machine.region("minit"):
            m = rt.m
            with rt.machine.region("W3"):
                gsignal = await rt.stacks.malg("gsignal", SIGNAL_STACK)
                await rt.checkpoint("store gsignal")
            m.gsignal = gsignal
            stack = gsignal.stack
            assert stack is not None
            with rt.machine.region("W4"):
                await rt.sigaltstack(AltStack(stack.base, stack.size, 0))
            if rt.knobs.seed2_fix:
                with rt.machine.region("W5"):
                    await rt.sigprocmask(kernel.empty())

    def adopt(self, thread: Thread, m: M) -> None:
        """Make the process's first thread the bootstrap M."""
        m.thread = thread
        m.procid = KERNEL_TID + thread.id
        signals = self.rt.process.signals(thread)
        m.g0 = G("g0", signals.stack)
        self.rt.set_tls(thread, Tls(g=m.g0, m=m))

    def _first_garbage(self, m: M) -> int:
        """What the g slot reads before the base is right: procid, or its high half."""
        return m.procid if self.rt.machinery.word == 8 else m.procid >> 32

    def _store(self, tls: Tls, slot: str, m: M) -> None:
        if slot == "g":
            tls.g = m.g0
        else:
            tls.m = m
