"""Tracebacks: what a dying process prints of its goroutines' stacks, from the symbol table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emu.goruntime.m import GDEAD, G
from emu.goruntime.mheap import HEAP
from emu.goruntime.text import SYMBOLS, pc_in

if TYPE_CHECKING:
    from emu.goruntime.runtime import Runtime
    from emu.goruntime.symtab import Func

STEPS: Final = 100
"""How far a traceback goes up a stack, at most."""

LOWEST_PC: Final = 0x1000

QUALITY: Final = (
    "full trace",
    "frames without files",
    "frames without lines",
    "wrong frames",
    "hidden frames",
    "no frames",
    "no symbols",
)
"""How good a trace is, best first. Without symbols there was no table yet: not even a part of one.
"""


class Traceback:
    """The tracebacks of one process, and how good what they printed was."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.worst: int | None = None

    @property
    def quality(self) -> str:
        """The worst of the traces printed so far."""
        return "no trace" if self.worst is None else QUALITY[self.worst]

    async def callers(self) -> tuple[str, ...]:
        """The functions on the running goroutine's stack, innermost first; prints nothing."""
        return await self.stack(self.rt.g)

    async def stack(self, gp: G) -> tuple[str, ...]:
        """The functions on a goroutine's stack, innermost first; prints nothing."""
        return tuple(func.name for func, _ in await self._walk(self._names(gp)) if func is not None)

    async def traceback(self, gp: G) -> None:
        """Print the stack of a goroutine."""
        rt = self.rt
        with rt.call("gentraceback"):
            names = self._names(gp)
            steps = await self._walk(names)
            for func, _ in steps:
                if func is not None and "." in func.name:
                    rt.print(f"{func.name}(...)")
                    rt.print(f"\t{func.file or '?'}:{func.line}")
            self._judge(names, steps)
            if gp.gopc:
                func = await rt.symtab.findfunc(pc_in(gp.gopc))
                if func is not None and "." in func.name:
                    rt.print(f"created by {func.name}")

    async def tracebackothers(self, me: G) -> None:
        """Print the stack of every goroutine but `me`."""
        rt = self.rt
        for gp in list(rt.allg):
            if gp is me or gp.status == GDEAD:
                continue
            rt.print("")
            self.goroutineheader(gp)
            await self.traceback(gp)

    def goroutineheader(self, gp: G) -> None:
        """Print a goroutine's number and state."""
        self.rt.print(f"goroutine {gp.goid} [{gp.waitreason or gp.status}]:")

    def _names(self, gp: G) -> list[str]:
        """The functions that really are on a goroutine's stack, innermost first."""
        return [name for name in reversed(gp.frames) if name in SYMBOLS]

    async def _walk(self, names: list[str]) -> list[tuple[Func | None, str]]:
        """What each step up a stack finds, with the function that really is there."""
        rt = self.rt
        if not names:
            return []
        words: list[tuple[int, str]] = []
        for name, caller in zip(names, [*names[1:], ""], strict=True):
            words += [(HEAP + 8, "")] * (SYMBOLS[name].words - 1)
            words.append((pc_in(caller) if caller else 0, caller))
        steps: list[tuple[Func | None, str]] = []
        pc, really, position = pc_in(names[0]), names[0], 0
        while len(steps) < STEPS and pc > LOWEST_PC:
            func = await rt.symtab.findfunc(pc)
            steps.append((func, really))
            if func is None:
                break
            position += max(func.words, 1)
            if position > len(words):
                break
            pc, really = words[position - 1]
        return steps

    def _judge(self, names: list[str], steps: list[tuple[Func | None, str]]) -> None:
        if not names:
            return
        found = [(func, name) for func, name in steps if func is not None]
        shown = [(func, name) for func, name in found if func.name]
        worst = 0
        if not found:
            worst = 6 if self.rt.symtab.func is None else 5
        elif not shown:
            worst = 4
        elif len(shown) < len(names) or any(func.name != name for func, name in shown):
            worst = 3
        elif not all(func.line for func, _ in shown):
            worst = 2
        elif not all(func.file for func, _ in shown):
            worst = 1
        self.worst = worst if self.worst is None else max(self.worst, worst)
