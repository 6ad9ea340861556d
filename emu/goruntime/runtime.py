"""Runtime: one Go process. It wires the parts together and says who is running."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

from emu.engine.machine import Machine
from emu.engine.thread import Thread
from emu.goruntime.cgo import Cgo
from emu.goruntime.cpuprof import CpuProf
from emu.goruntime.gc import GC
from emu.goruntime.knobs import Knobs
from emu.goruntime.m import G, M, Tls
from emu.goruntime.malloc import FIXED_STACK, Malloc
from emu.goruntime.mcentral import Centrals
from emu.goruntime.mheap import MHeap
from emu.goruntime.mprof import MProf
from emu.goruntime.note import Note
from emu.goruntime.ossignal import OsSignal
from emu.goruntime.panic import Panic
from emu.goruntime.sched import Sched
from emu.goruntime.sema import Sema
from emu.goruntime.signals import Signals
from emu.goruntime.stacks import Stacks
from emu.goruntime.symtab import Symtab
from emu.goruntime.syscalls import Syscalls
from emu.goruntime.tables import Fintab, Itabs
from emu.goruntime.text import SYMBOLS, symbol_of
from emu.goruntime.threads import Threads
from emu.goruntime.timers import Timers
from emu.goruntime.traceback import Traceback
from emu.goruntime.world import World

STRING: Final = 16
STRINGS: Final = 32
"""How many bytes the arguments and the environment take: a string, and a few of them."""

ARENA: Final = 512 << 20
"""How much address space the allocator reserves at start, in bytes."""

FIXED: Final = 0xB0_0000_0000
"""Where the 4096-byte stacks of the Ms' own allocators lie."""

SMALL_FRAME: Final = 64
"""How much stack a function takes that the text does not list, in bytes."""

DEEP: Final = {"gentraceback": 7 * 1024}
"""What takes more: a walk up a stack, with all that it calls, in bytes."""


class Runtime(Syscalls):
    """A Go process on FreeBSD: the parts by name, and what every part asks for."""

    def __init__(self, machine: Machine, knobs: Knobs | None = None) -> None:
        knobs = knobs or Knobs()
        super().__init__(machine, knobs)
        self.gomaxprocs = knobs.gomaxprocs
        self.allm: list[M] = []
        self.allg: list[G] = []
        self.m0 = M()
        self._tls: dict[int, Tls] = {}
        self._random = 0x2012
        self._fixed = FIXED
        self.panic = Panic(self)
        self.stacks = Stacks(self)
        self.heap = MHeap(self)
        self.central = Centrals(self)
        self.malloc = Malloc(self)
        self.mprof = MProf(self)
        self.symtab = Symtab(self)
        self.traceback = Traceback(self)
        self.sched = Sched(self)
        self.world = World(self)
        self.gc = GC(self)
        self.threads = Threads(self)
        self.cgo = Cgo(self)
        self.signals = Signals(self)
        self.ossignal = OsSignal(self)
        self.cpuprof = CpuProf(self)
        self.timers = Timers(self)
        self.itabs = Itabs(self)
        self.fintab = Fintab(self)
        self.scavenge = Note(self, "scavenger")
        machine.provide(Runtime, self)

    def let_go(self) -> None:
        """The run is over: drop the parts, which refer back to this."""
        vars(self).clear()

    # Who is running.

    @property
    def tls(self) -> Tls:
        """The thread-local slots of the running thread."""
        thread = self.machine.current
        found = self._tls.get(thread.id)
        return self.set_tls(thread, Tls()) if found is None else found

    def set_tls(self, thread: Thread, tls: Tls) -> Tls:
        """Give a thread its slots."""
        self._tls[thread.id] = tls
        return tls

    @property
    def m(self) -> M:
        """The running thread's M; for code that runs only where there is one."""
        m = self.tls.m
        assert m is not None
        return m

    @property
    def g(self) -> G:
        """The running goroutine, or g0 or gsignal; for code that runs only where there is one."""
        g = self.tls.g
        assert isinstance(g, G)
        return g

    def stand_on(self, gp: G) -> None:
        """Let the running thread stand on the stack of `gp`, as `gp`."""
        self.tls.g = gp
        assert gp.stack is not None
        self.process.signals(self.machine.current).stack = gp.stack

    @contextmanager
    def call(self, function: str) -> Iterator[None]:
        """The running goroutine is in `function`: a region, a frame, and some stack."""
        g = self.g
        name = symbol_of(function)
        symbol = SYMBOLS.get(name)
        size = symbol.words * self.machinery.word if symbol else DEEP.get(function, SMALL_FRAME)
        stack = self.process.signals(self.machine.current).stack
        stack.push(size)
        if stack.sp < stack.base:
            self.heap.smash(stack.sp)
        g.frames.append(name)
        try:
            with self.machine.region(function):
                yield
        finally:
            g.frames.pop()
            stack.pop(size)

    # Small services.

    def fastrand(self) -> int:
        """The next number of the runtime's own generator."""
        self._random = (self._random * 1_103_515_245 + 12_345) & 0x7FFF_FFFF
        return self._random

    def semaphore(self, name: str, value: int) -> Sema:
        """A semaphore for goroutines, as the program's own."""
        return Sema(self, name, value)

    def fixed_stack(self) -> int:
        """The address of one more 4096-byte stack."""
        self._fixed += FIXED_STACK
        return self._fixed

    # From the first instruction to the end.

    async def rt0(self, main: Callable[[], Awaitable[None]]) -> NoReturn:
        """Run a Go program, whose main.main is `main`, on this thread; never returns."""
        with self.machine.region("rt0"):
            self.threads.adopt(self.machine.current, self.m0)
            if self.knobs.initsig == "check":
                with self.machine.region("check"):
                    await self.signals.initsig()
            await self.schedinit()
            await self.sched.newproc(lambda: self.main(main), "main.main", creator="")
        await self.threads.mstart()

    async def schedinit(self) -> None:
        """Set up the allocator, the bootstrap M, the environment and the slots."""
        m = self.m0
        m.thread = self.machine.current
        with self.machine.region("schedinit"):
            m.nomemprof += 1
            with self.machine.region("mallocinit"):
                if not await self.mmap(ARENA):
                    await self.panic.throw("cannot reserve arena virtual address space")
            await self.threads.mcommoninit(m)
            with self.machine.region("goargs"):
                await self.malloc.mal(STRINGS)
                await self.malloc.mal(STRING)
            with self.machine.region("goenvs"):
                await self.malloc.mal(STRINGS)
                await self.malloc.mal(STRING)
            await self.checkpoint("cas sched.atomic")
            self.sched.mcpumax = 1  # until the main goroutine has started
            await self.sched.canaddmcpu()
            m.helpgc = 1
            self.sched.grunning += 1
            self.gc.enabled = True
            m.nomemprof -= 1

    async def main(self, main: Callable[[], Awaitable[None]]) -> NoReturn:
        """runtime.main: the scavenger, then main.main, then the end."""
        await self.checkpoint("cas sched.atomic")
        self.sched.mcpumax = self.gomaxprocs
        if self.knobs.scavenger:
            self.sched.scvg = await self.sched.newproc(
                self.heap.Scavenger, "runtime.MHeap_Scavenger", creator="runtime.main"
            )
            await self.sched.gosched()
        await main()
        self.panic.exit(0)
