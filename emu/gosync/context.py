"""Cancellation: a context is cancelled with all those that were made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emu.gosync.channel import Channel
from emu.gosync.go import go

if TYPE_CHECKING:
    from emu.engine.machine import Machine

CANCELED: Final = "context canceled"
DEADLINE_EXCEEDED: Final = "context deadline exceeded"


class Context:
    """A context called `name`; `done` is closed when it is cancelled, and `error` says why."""

    __slots__ = ("children", "done", "error", "machine", "name")

    def __init__(self, machine: Machine, name: str, parent: Context | None = None) -> None:
        self.machine = machine
        self.done = Channel(machine, name)
        self.name = self.done.name
        self.children: list[Context] = []
        self.error: str | None = None
        if parent is not None:
            parent.children.append(self)
            if parent.error is not None:
                self._cancel(parent.error)

    async def cancel(self, reason: str = CANCELED) -> None:
        """Cancel it and what was made from it, in one step; a second time does nothing."""
        await self.machine.checkpoint("cancel")
        self._cancel(reason)

    def _cancel(self, reason: str) -> None:
        if self.error is not None:
            return
        self.error = reason
        self.machine.record("cancel", self.name, reason)
        self.done.shut()
        for child in self.children:
            child._cancel(reason)


async def with_timeout(m: Machine, name: str, parent: Context | None = None) -> Context:
    """A context whose time may be up at any moment from now on: a thread of one step."""
    context = Context(m, name, parent)
    await go(m, context.cancel, DEADLINE_EXCEEDED, name=f"timer of {name}")
    return context
