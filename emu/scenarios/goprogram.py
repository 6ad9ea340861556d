"""Running a Go program whose start is not what a scenario is about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NoReturn

from emu.goruntime.runtime import Runtime


async def run_program(rt: Runtime, main: Callable[[], Awaitable[None]]) -> NoReturn:
    """Run a Go program on this thread; chaos may act from the first instruction of `main` on."""
    machine = rt.machine
    chaos, machine.chaos = machine.chaos, None
    machine.reckon()

    async def begin() -> None:
        machine.chaos = chaos
        machine.reckon()
        await main()

    await rt.rt0(begin)
