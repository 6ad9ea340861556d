"""Goroutines' stacks: malg, the hop to g0, and what happens at a stack's end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emu.goruntime.gogo import mcall
from emu.goruntime.m import G
from emu.posix.altstack import Stack

if TYPE_CHECKING:
    from emu.goruntime.runtime import Runtime

G_RECORD: Final = 200
"""How many bytes a G takes."""

STACK_MIN: Final = 4096


class Stacks:
    """Makes goroutines' stacks."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt

    async def malg(self, name: str, size: int = STACK_MIN) -> G:
        """A new G with a stack of `size` bytes; without one if that is negative."""
        rt = self.rt
        with rt.machine.region("malg"):
            await rt.malloc.malloc(G_RECORD)
            gp = G(name, None)
            if size >= 0:
                gp.stack = await self._stack(f"{name} stack", size)
        return gp

    async def _stack(self, name: str, size: int) -> Stack:
        rt = self.rt
        if rt.g is rt.m.g0:
            return Stack(name, await rt.malloc.stackalloc(size), size)
        found: list[int] = []

        async def on_g0(gp: G) -> G:
            found.append(await rt.malloc.stackalloc(size))
            return gp

        await mcall(on_g0)
        return Stack(name, found[0], size)

    async def prologue(self) -> None:
        """A C function's prologue: look for room on the stack that the g slot names.

        The g slot may not name the stack that the thread is on. morestack trusts it.
        """
        rt = self.rt
        tls = rt.tls
        g = tls.g
        if not isinstance(g, G):
            await rt.fault("SIGSEGV", rt.machinery.stackguard)
        assert isinstance(g, G)
        sp = rt.process.signals(rt.machine.current).stack.sp
        if sp < g.stackguard:
            await self.morestack(g)

    async def morestack(self, g: G) -> None:
        """Go on on a larger stack, by way of the g0 stack; that one cannot grow."""
        rt = self.rt
        with rt.machine.region("morestack"):
            m = rt.m
            if g is m.g0:
                await rt.fault("SIGTRAP", 0)
            assert m.g0 is not None
            assert m.g0.stack is not None
            await rt.checkpoint("switch to g0")
            # g0's saved position: what mstart and its callees have there is overwritten.
            stack = m.g0.stack
            stack.sp = stack.base + stack.size
            rt.process.signals(rt.machine.current).stack = stack
            if m.curg is None:
                await rt.fault("SIGSEGV", rt.machinery.curg)
