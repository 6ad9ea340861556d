"""How the runtime dies: throw, panic, and the two exit statuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

from emu.engine.report import inside
from emu.engine.waitqueue import WaitQueue
from emu.goruntime.lock import Lock
from emu.goruntime.m import Defer, Deferred, G, Panicking
from emu.record.finding import Finding, Outcome

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emu.goruntime.m import Stringer
    from emu.goruntime.runtime import Runtime

ERROR_STRING: Final = 16
PANIC_RECORD: Final = 32
DEFER_RECORD: Final = 64
"""How many bytes they take."""


class Recovered(Exception):
    """A deferred call has recovered: the stack is unwound to the function that deferred it."""

    def __init__(self, defer: Defer) -> None:
        super().__init__("recovered")
        self.defer = defer


class Panic:
    """The panic path of one process. What an M holds when it dies stays held."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.paniclk = Lock(rt, "paniclk")
        self.deadlock = WaitQueue(rt.machine, "deadlock")
        self.panicking = 0
        self.didothers = False
        self.headline = ""

    async def startpanic(self) -> None:
        """Enter the panic path; the second time on one M it ends the process with status 3."""
        rt = self.rt
        with rt.machine.region("startpanic"):
            m = rt.m
            if m.dying:
                rt.print("panic during panic")
                self.exit(3)
            m.dying = 1
            await rt.checkpoint("panicking")
            self.panicking += 1
            await self.paniclk.lock()

    async def dopanic(self) -> NoReturn:
        """Print the traces; then exit with status 2, or park for ever if another M panics."""
        rt = self.rt
        with rt.machine.region("dopanic"):
            g = rt.g
            if g.sig:
                name = rt.process.kernel.signal_name(g.sig)
                rt.print(f"[signal {name} code={g.sigcode0:#x} addr={g.sigcode1:#x} pc={g.sigpc}]")
            if rt.knobs.gotraceback:
                if g is not rt.m.g0:
                    rt.print("")
                    rt.traceback.goroutineheader(g)
                    await rt.traceback.traceback(g)
                await self.others(g)
            await self.paniclk.unlock()
            await rt.checkpoint("panicking")
            self.panicking -= 1
            if self.panicking:
                await self._park()
            self.exit(2)

    async def others(self, me: G) -> None:
        """Print every other goroutine's stack, once per process."""
        if not self.didothers:
            self.didothers = True
            await self.rt.traceback.tracebackothers(me)

    async def throw(self, message: str) -> NoReturn:
        """Die of an error in the runtime."""
        with self.rt.machine.region("throw"):
            await self.startpanic()
            self.say(f"throw: {message}")
            await self.dopanic()

    async def panicstring(self, message: str) -> NoReturn:
        """Panic for an error that the runtime has found; allocates, whatever was going on."""
        rt = self.rt
        with rt.machine.region("panicstring"):
            if rt.m.gcing:
                self.say(f"panic: {message}")
                await self.throw("panic during gc")
            await rt.malloc.mal(ERROR_STRING)
            await self.panic(f"runtime error: {message}")

    async def panic(self, value: str, stringer: Stringer | None = None) -> NoReturn:
        """Go's panic: runs the deferred calls, and dies if none of them recovers."""
        rt = self.rt
        with rt.call("panic"):
            record = await rt.malloc.mal(PANIC_RECORD)
            g = rt.g
            panicking = Panicking(value, stringer)
            g.panics.append(panicking)
            while g.defers:
                defer = g.defers.pop()
                if await defer.call(panicking):
                    panicking.recovered = True
                    g.panics.remove(panicking)
                    if not g.panics:
                        g.sig = 0
                    await rt.malloc.free(record)
                    raise Recovered(defer)
            await self.startpanic()
            for one in g.panics:
                text = await one.stringer() if one.stringer is not None else one.value
                self.say(f"panic: {text}")
            await self.dopanic()

    async def deferring(self, call: Deferred, body: Callable[[], Awaitable[object]]) -> None:
        """Run a Go function's `body` with one deferred call."""
        rt = self.rt
        await rt.malloc.mal(DEFER_RECORD)
        g = rt.g
        defer = Defer(call)
        g.defers.append(defer)
        try:
            await body()
        except Recovered as jump:
            if jump.defer is not defer:
                raise
            return
        g.defers.pop()
        await call(None)

    def say(self, text: str) -> None:
        """Print a line that says what is wrong; the first is what the process died of."""
        self.headline = self.headline or text
        self.rt.print(text)

    def exit(self, status: int) -> NoReturn:
        """End the process; a status other than 0 is a finding, with what was printed."""
        rt = self.rt
        machine = rt.machine
        if not status:
            rt.process.exit(0)
        machine.record("process.exit", "", status)
        name = f"exit {status}"
        thread = machine.current
        sentence = f"{thread.name} exited with status {status}: {self.headline}"
        threads, regions = inside(machine.threads, thread)
        machine.exit(
            Outcome(name, sentence),
            Finding(
                name,
                sentence,
                objects=(self.headline or "silent", rt.traceback.quality),
                threads=threads,
                regions=regions,
                trace=tuple(rt.process.output),
            ),
        )

    async def _park(self) -> NoReturn:
        """Wait for ever, as the second `lock(&deadlock)` does: another M will end the process."""
        rt = self.rt
        rt.m.locks += 2
        while True:
            rt.machine.record("wait.begin", "deadlock", "park")
            await self.deadlock.park("park")
