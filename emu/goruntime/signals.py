"""The runtime's signal handler: initsig, sigtramp, sighandler and sigpanic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

from emu.goruntime.m import G
from emu.goruntime.sigtab import INSTALLED, KILL, NOTIFY, PANIC, SIGTAB, THROW
from emu.posix.action import Action
from emu.posix.sigset import SigSet

if TYPE_CHECKING:
    from emu.goruntime.runtime import Runtime
    from emu.posix.frame import Context
    from emu.posix.siginfo import SigInfo

LOWEST_PAGE: Final = 0x1000
"""A fault below this address is a nil dereference."""

CODED_SI_USER: Final = 0
"""What the code takes SI_USER for; the kernel's value is another."""

SEGV_CODES: Final = (0, 1, 2)
BUS_CODES: Final = (2,)
FPE_CODES: Final = {2: "integer divide by zero", 1: "integer overflow"}


class Signals:
    """The handler and what belongs to it."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        kernel = rt.process.kernel
        bits = 0
        for number, word in enumerate(rt.machinery.handler_mask):
            bits |= word << (kernel.word_bits * number)
        self.handler_mask = SigSet(kernel, bits)
        self.si_user = CODED_SI_USER if rt.knobs.si_user_bug else kernel.code("SI_USER")

    async def initsig(self) -> None:
        """Install the handler for every signal that is not left alone."""
        with self.rt.machine.region("initsig"):
            for name in INSTALLED:
                await self.setsig(name, restart=True)

    async def setsig(self, name: str, *, restart: bool) -> None:
        """Install the handler for one signal."""
        rt = self.rt
        flags = rt.process.kernel.flag("SA_SIGINFO", "SA_ONSTACK", *(("SA_RESTART",) * restart))
        await rt.sigaction(name, Action(self.sigtramp, self.handler_mask, flags))

    async def sigtramp(self, info: SigInfo, context: Context) -> None:
        """The trampoline: from the interrupted goroutine to gsignal and back. Checks nothing."""
        rt = self.rt
        with rt.machine.region("sigtramp"):
            tls = rt.tls
            saved = tls.g
            if tls.m is None:
                await rt.fault("SIGSEGV", rt.machinery.gsignal)
            assert tls.m is not None
            tls.g = tls.m.gsignal
            await rt.stacks.prologue()
            with rt.call("sighandler"):
                await self.sighandler(info, context, saved)
            tls.g = saved

    async def sighandler(self, info: SigInfo, context: Context, gp: G | int | None) -> None:
        """What the table says about a signal that interrupted `gp`."""
        rt = self.rt
        if info.signal == "SIGPROF":
            await rt.cpuprof.sigprof(gp)
            return
        flags = SIGTAB.get(info.signal, "")
        from_user = info.code == self.si_user
        if not from_user and PANIC in flags:
            if gp is None:
                await self._crash(info, gp)
            self._inject(info, context, gp)
            return
        wanted = from_user or NOTIFY in flags
        if wanted and await rt.ossignal.sigsend(info.number):
            return
        if KILL in flags:
            rt.panic.headline = rt.panic.headline or info.signal
            rt.panic.exit(2)
        if THROW in flags:
            await self._crash(info, gp)

    async def sigpanic(self) -> NoReturn:
        """Where a goroutine goes on after a fault: no longer in the handler, but in a panic."""
        rt = self.rt
        with rt.call("sigpanic"):
            g = rt.g
            name = rt.process.kernel.signal_name(g.sig)
            if name == "SIGFPE":
                await rt.panic.panicstring(FPE_CODES.get(g.sigcode0, "floating point error"))
            codes = SEGV_CODES if name == "SIGSEGV" else BUS_CODES
            if g.sigcode0 in codes and g.sigcode1 < LOWEST_PAGE:
                await rt.panic.panicstring("invalid memory address or nil pointer dereference")
            rt.print(f"unexpected fault address {g.sigcode1:#x}")
            await rt.panic.throw("fault")

    def _inject(self, info: SigInfo, context: Context, gp: G | int) -> None:
        """Let the interrupted code go on in sigpanic."""
        assert isinstance(gp, G)
        gp.sig = info.number
        gp.sigcode0 = info.code
        gp.sigcode1 = info.address or 0
        gp.sigpc = gp.frames[-1] if gp.frames else "0"
        context.resume = self.sigpanic

    async def _crash(self, info: SigInfo, gp: G | int | None) -> NoReturn:
        """Die of a signal, in the handler: no lock is ever given back."""
        rt = self.rt
        await rt.panic.startpanic()
        rt.panic.say(info.signal)
        rt.print(f"PC={gp.frames[-1] if isinstance(gp, G) and gp.frames else 0}")
        if rt.knobs.gotraceback:
            if not isinstance(gp, G):
                await rt.fault("SIGSEGV", rt.machinery.stackguard)
            assert isinstance(gp, G)
            rt.print("")
            rt.traceback.goroutineheader(gp)
            await rt.traceback.traceback(gp)
            await rt.traceback.tracebackothers(gp)
            rt.print("registers")
        rt.panic.exit(2)
