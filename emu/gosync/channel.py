"""Channels: a send or a receive arrives, and then waits for its partner's step if it must."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from emu.engine.recorder import Standing
from emu.engine.thread import Panic
from emu.errors import UsageError
from emu.gosync.arrival import Arrival, meet

if TYPE_CHECKING:
    from emu.engine.machine import Machine
    from emu.engine.thread import Thread

_PLAIN: Final = (int, str, bool, type(None))


class Case(NamedTuple):
    """One send or receive that a thread is ready for."""

    channel: Channel
    sends: bool
    value: Any = None


class Channel:
    """A channel called `name` that buffers `capacity` values; 0 is a rendezvous.

    Partners meet in the order in which they came.
    """

    __slots__ = (
        "buffer",
        "capacity",
        "closed",
        "machine",
        "name",
        "receivers",
        "senders",
        "shared",
    )

    nil = False

    def __init__(self, machine: Machine, name: str, capacity: int = 0) -> None:
        if capacity < 0:
            raise UsageError(f"channel {name}: capacity {capacity}; allowed is a number from 0")
        self.machine = machine
        self.name = machine.own_name(name)
        self.capacity = capacity
        self.closed = False
        self.buffer: deque[Any] = deque()
        self.senders: list[tuple[Arrival, int]] = []
        self.receivers: list[tuple[Arrival, int]] = []
        self.shared = False

    def __repr__(self) -> str:
        return f"<Channel {self.name}{', closed' if self.closed else ''}>"

    async def send(self, value: Any = None) -> None:
        """Send `value`; raises `Panic` if the channel is closed, before or meanwhile."""
        await meet(self.machine, (Case(self, True, value),), "send")

    async def receive(self) -> tuple[Any, bool]:
        """The next value and True; None and False once the channel is closed and empty."""
        arrival = await meet(self.machine, (Case(self, False),), "receive")
        assert arrival is not None
        return arrival.value, arrival.ok

    async def close(self) -> None:
        """Close it: receivers have what is left; raises `Panic` if it is closed already.

        Whoever waits to send on it panics.
        """
        await self.machine.checkpoint("close", self.target)
        if self.closed:
            raise Panic(f"close of closed channel: {self.name}")
        self.shut()

    def shut(self) -> None:
        """Close it, as part of the running thread's operation."""
        machine = self.machine
        self.closed = True
        waiting = [*self.receivers, *self.senders]
        machine.record("chan.close", self.name, [one.thread.name for one, _ in waiting])
        for arrival, index in waiting:
            if arrival.taken >= 0:
                continue
            if not arrival.cases[index].sends:
                self._received(arrival.thread, arrival.at, None, None)
            arrival.complete(index, None, ok=False)

    def sending(self, value: Any = None) -> Case:
        """The case of a `select` that sends `value`."""
        return Case(self, True, value)

    def receiving(self) -> Case:
        """The case of a `select` that receives."""
        return Case(self, False)

    @property
    def target(self) -> str:
        """What an operation on this channel may touch: others too, once a `select` has both."""
        return "" if self.shared else self.name

    # What a meeting asks of a channel.

    def ready(self, *, sends: bool) -> bool:
        """Whether a send or receive would go ahead at once."""
        if self.closed:
            return True
        if sends:
            return bool(self.receivers) or len(self.buffer) < self.capacity
        return bool(self.buffer) or bool(self.senders)

    def put(self, value: Any, sender: Thread, at: Standing) -> None:
        """A send that goes ahead; raises `Panic` on a closed channel."""
        if self.closed:
            raise Panic(f"send on closed channel: {self.name}")
        partner = ""
        if self.receivers:
            arrival, index = self.receivers[0]
            partner = arrival.thread.name
            self._sent(sender, at, value, partner)
            self._received(arrival.thread, arrival.at, value, sender.name)
            arrival.complete(index, value, ok=True)
        else:
            self.buffer.append(value)
            self._sent(sender, at, value, partner)

    def get(self, receiver: Thread, at: Standing) -> tuple[Any, bool]:
        """A receive that goes ahead."""
        value, ok, partner = None, True, ""
        sender = self.senders[0] if self.senders else None
        if self.buffer:
            value = self.buffer.popleft()
        elif sender is None:
            ok = False
        if sender is not None:
            arrival, index = sender
            offered = arrival.cases[index].value
            if self.capacity:
                self.buffer.append(offered)
            else:
                value, partner = offered, arrival.thread.name
            self._sent(arrival.thread, arrival.at, offered, receiver.name if partner else "")
            arrival.complete(index, None, ok=True)
        self._received(receiver, at, value, partner if ok else None)
        return value, ok

    def _sent(self, thread: Thread, at: Standing, value: Any, partner: str) -> None:
        kept = shown(value), partner or None
        self.machine.record_for(thread, at, "chan.send", self.name, *kept)

    def _received(self, thread: Thread, at: Standing, value: Any, partner: str | None) -> None:
        kept = shown(value), partner is not None, partner or None
        self.machine.record_for(thread, at, "chan.receive", self.name, *kept)


class NilChannel(Channel):
    """The channel that there is none of: sends and receives wait for ever."""

    __slots__ = ()

    nil = True

    def __init__(self, machine: Machine, name: str = "nil") -> None:
        super().__init__(machine, name)
        self.name = name  # none is like the other

    async def close(self) -> None:
        """Raise `Panic`."""
        await self.machine.checkpoint("close", self.target)
        raise Panic(f"close of nil channel: {self.name}")

    def ready(self, *, sends: bool) -> bool:
        """False."""
        return False


def shown(value: Any) -> Any:
    """`value` as an event holds it: a channel by its name, what is not plain by its type."""
    if isinstance(value, Channel):
        return value.name
    return value if isinstance(value, _PLAIN) else type(value).__name__
