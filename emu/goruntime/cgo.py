"""Starting a thread with cgo: pthread_create, and threadentry on the new thread.

The windows: C0 until the g slot is stored, C1 until the m slot is, C2 until `gsignal` is
there, then as on a native thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

from emu.goruntime.m import STACK_GUARD, M, Tls
from emu.posix.altstack import Stack

if TYPE_CHECKING:
    from emu.goruntime.runtime import Runtime

FRAME: Final = 256
"""How much of a pthread's stack lies above threadentry's local, in bytes."""

GUARD: Final = 4096
"""How far above the assumed low end of the stack cgo puts the guard."""


class Cgo:
    """The C side of a runtime that is linked with libthr."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt

    async def thread_start(self, m: M) -> None:
        """Create the pthread for `m`, on the creator's g0 stack; aborts if that fails."""
        rt = self.rt
        kernel = rt.process.kernel
        g, g0 = rt.g, rt.m.g0
        assert g0 is not None
        rt.stand_on(g0)
        with rt.machine.region("libcgo_thread_start"):
            await rt.checkpoint("malloc ThreadStart")
            if rt.knobs.seed2_fix:
                # libthr leaves its cancel signal out of every mask.
                every = kernel.every() - kernel.sigset("SIGTHR")
                _, before = await rt.process.pthread_sigmask("SIG_SETMASK", every)
            await rt.checkpoint("pthread_attr_init")
            refused: OSError | None = None
            try:
                await rt.process.thr_new(self.threadentry, m, name=f"M{m.id}")
            except OSError as error:
                refused = error
            if rt.knobs.seed2_fix:
                await rt.process.pthread_sigmask("SIG_SETMASK", before)
            if refused is not None:
                rt.print(f"runtime/cgo: pthread_create failed: {refused.strerror}")
                await self.abort()
        rt.stand_on(g)

    async def abort(self) -> NoReturn:
        """C's abort: SIGABRT, unblocked, and then with its default action."""
        rt = self.rt
        process = rt.process
        while True:
            mask = process.signals(rt.machine.current).mask
            await rt.sigprocmask(mask.remove("SIGABRT"))
            await process.raise_("SIGABRT")
            process.dispositions.reset(process.kernel.number("SIGABRT"))

    async def threadentry(self, m: M) -> NoReturn:
        """The first code of ours on a pthread."""
        rt = self.rt
        machine = rt.machine
        thread = machine.current
        m.thread = thread
        tls = rt.set_tls(thread, Tls())
        own = rt.process.signals(thread).stack
        with machine.region("threadentry"):
            with machine.region("C0"):
                await machine.checkpoint("libthr start")
                await machine.checkpoint("free ThreadStart")
                assert m.g0 is not None
                top = own.base + own.size - FRAME
                base = own.base + GUARD - STACK_GUARD
                m.g0.stack = Stack("pthread", base, top - base)
                await machine.checkpoint("store g")
            tls.g = m.g0
            with machine.region("C1"):
                await machine.checkpoint("store m")
            tls.m = m
            rt.process.signals(thread).stack = m.g0.stack
            with machine.region("C2"):
                await machine.checkpoint("crosscall")
        await rt.threads.mstart()
