"""The symbol table: findfunc, and buildfuncs in its phases. Who skips the lock sees half of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from emu.goruntime.lock import Lock
from emu.goruntime.text import END, FILES, SCALE, TEXT

if TYPE_CHECKING:
    from emu.goruntime.runtime import Runtime

RECORD: Final = 96
"""How many bytes a record takes."""

NAME: Final = 16
"""How many bytes the descriptor of a file name takes."""


@dataclass(slots=True, eq=False)
class Func:
    """One record of the table; `words` is its frame size."""

    name: str = ""
    entry: int = 0
    words: int = 0
    file: str = ""
    line: int = 0


class Symtab:
    """The table: `func`, `nfunc` and `fname` are plain memory, `funcinit` an atomic word."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.funclock = Lock(rt, "funclock")
        self.func: list[Func] | None = None
        self.nfunc = 0
        self.fname: list[str] | None = None
        self.nfname = 0
        self.funcinit = 0

    async def findfunc(self, pc: int) -> Func | None:
        """The record of the function that `pc` lies in; builds the table when first asked."""
        rt = self.rt
        with rt.machine.region("findfunc"):
            m = rt.m
            skips = rt.knobs.seed1_fix and (m.mallocing or m.gcing)
            if not skips and not await self._initialised():
                await self.funclock.lock()
                if not self.funcinit:
                    await self._buildfuncs()
                    await rt.checkpoint("atomicstore funcinit")
                    self.funcinit = 1
                await self.funclock.unlock()
            return await self._search(pc)

    async def _initialised(self) -> bool:
        await self.rt.checkpoint("atomicload funcinit")
        return bool(self.funcinit)

    async def _search(self, pc: int) -> Func | None:
        """Look `pc` up in whatever the table is now; no lock is taken."""
        if not await self._nfunc():
            return None
        if pc < (await self._record(0)).entry:
            return None
        if pc >= (await self._record(await self._nfunc())).entry:
            return None
        first, count = 0, await self._nfunc()
        while count > 0:
            middle = count // 2
            here = await self._record(first + middle)
            after = await self._record(first + middle + 1)
            if here.entry <= pc < after.entry:
                return here
            if pc < here.entry:
                count = middle
            else:
                first += middle + 1
                count -= middle + 1
        self.rt.print("findfunc unreachable")
        return None

    async def _nfunc(self) -> int:
        """The word `nfunc`; once the table is complete it never changes again."""
        if not self.funcinit:
            await self.rt.checkpoint("load nfunc")
        return self.nfunc

    async def _record(self, index: int) -> Func:
        """A record, read through the array's pointer as it is now."""
        rt = self.rt
        if not self.funcinit:
            await rt.checkpoint("load func")
        if self.func is None:
            await rt.fault("SIGSEGV", rt.machinery.entry)
        assert self.func is not None
        return self.func[index]

    async def _buildfuncs(self) -> None:
        """Build the table, with funclock held."""
        rt = self.rt
        with rt.call("buildfuncs"):
            if self.func is not None:
                return
            m = rt.m
            m.nomemprof += 1
            await self._count()
            await self._allocate()
            await self._fill()
            await self._lines()
            await self._names()
            m.nomemprof -= 1

    async def _count(self) -> None:
        rt = self.rt
        with rt.machine.region("phase1"):
            for _ in TEXT:
                await rt.checkpoint("count symbol")
                self.nfunc += 1
            self.nfname = len(FILES)

    async def _allocate(self) -> None:
        rt = self.rt
        with rt.machine.region("phase2"):
            await rt.malloc.mal((len(TEXT) + 1) * RECORD * SCALE)
            await rt.checkpoint("store func")
        self.func = [Func() for _ in range(len(TEXT) + 1)]
        with rt.machine.region("phase3"):
            await rt.checkpoint("store sentinel")
        self.func[len(TEXT)].entry = END
        with rt.machine.region("phase4"):
            await rt.malloc.mal(self.nfname * NAME * SCALE)
            await rt.checkpoint("store fname")
            self.fname = [""] * self.nfname
            await rt.checkpoint("store nfunc")

    async def _fill(self) -> None:
        rt = self.rt
        assert self.func is not None
        self.nfunc = 0
        for number, symbol in enumerate(TEXT):
            record = self.func[number]
            phase = "phase6" if number == len(TEXT) - 1 else "phase5"
            with rt.machine.region("phase5"):
                await rt.checkpoint("bump nfunc")
            self.nfunc = number + 1
            with rt.machine.region(phase):
                await rt.checkpoint("store name")
                record.name = symbol.name
                await rt.checkpoint("store entry")
                record.entry = symbol.entry
                record.words = symbol.words

    async def _lines(self) -> None:
        rt = self.rt
        assert self.func is not None
        with rt.machine.region("phase7"):
            for record, symbol in zip(self.func, TEXT, strict=False):
                await rt.checkpoint("store line")
                record.line = symbol.line

    async def _names(self) -> None:
        rt = self.rt
        assert self.func is not None
        assert self.fname is not None
        with rt.machine.region("phase8"):
            for number, name in enumerate(FILES):
                await rt.malloc.mal(len(name) + 1)
                await rt.checkpoint("store file name")
                self.fname[number] = name
                for record, symbol in zip(self.func, TEXT, strict=False):
                    if symbol.file == name:
                        record.file = name
