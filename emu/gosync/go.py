"""Start a goroutine, in a step of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emu.gosync.channel import Channel

if TYPE_CHECKING:
    from emu.engine.machine import Machine
    from emu.engine.thread import Body, Thread


async def go(m: Machine, body: Body, *args: Any, name: str = "") -> Thread:
    """A new thread that runs `body(*args)`; it may run at once, and does not run yet."""
    await m.checkpoint("go")
    return m.spawn(body, *args, name=name)


async def after(m: Machine, name: str) -> Channel:
    """A channel that a timer closes, at any moment from now on.

    The timer is a thread whose only step that is: how long it takes is who runs next.
    """
    channel = Channel(m, name)
    await go(m, channel.close, name=f"timer of {name}")
    return channel
