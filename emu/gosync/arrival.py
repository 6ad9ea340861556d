"""How a thread arrives at channels, and what its partner does for it while it waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from emu.engine.recorder import Standing, standing
from emu.engine.thread import Panic
from emu.engine.waitqueue import WOKEN, WaitQueue

if TYPE_CHECKING:
    from emu.engine.machine import Machine
    from emu.engine.thread import Thread
    from emu.gosync.channel import Case


class Arrival:
    """A thread at the channels of `cases`: which of them was `taken`, with what result."""

    __slots__ = ("at", "cases", "ok", "queue", "taken", "thread", "value")

    def __init__(self, machine: Machine, cases: Sequence[Case], at: Standing) -> None:
        self.thread: Thread = machine.current
        self.cases = cases
        self.at = at
        self.taken = -1
        self.value: Any = None
        self.ok = False
        names = dict.fromkeys(case.channel.name for case in cases)
        self.queue = WaitQueue(machine, ", ".join(names))

    def complete(self, index: int, value: Any, *, ok: bool) -> None:
        """Case `index` is done, by another thread's step: the thread may go on."""
        self.taken = index
        self.value = value
        self.ok = ok
        self.leave()
        release(self.queue, self.thread)

    def wait(self) -> None:
        """Be found by partners."""
        for index, case in enumerate(self.cases):
            channel = case.channel
            (channel.senders if case.sends else channel.receivers).append((self, index))

    def leave(self) -> None:
        """Be found by no partner any more."""
        for index, case in enumerate(self.cases):
            channel = case.channel
            places = channel.senders if case.sends else channel.receivers
            if (self, index) in places:
                places.remove((self, index))


def release(queue: WaitQueue, thread: Thread) -> None:
    """Let `thread` go on: it has what it waited for, and nobody knows yet what it does next."""
    if thread in queue.waiters:
        thread.operation, thread.target = "go on", ""
        queue.machine.unpark(thread, WOKEN)


async def meet(
    machine: Machine, cases: Sequence[Case], operation: str, *, default: bool = False
) -> Arrival | None:
    """Arrive at the channels of `cases`, in one step, and wait until one case is done.

    Which of several that are ready is a choice. With `default` nobody waits: gives None.
    """
    await machine.checkpoint(operation, _target(machine, cases))
    thread = machine.current
    arrival = Arrival(machine, cases, standing())
    ready = [at for at, case in enumerate(cases) if case.channel.ready(sends=case.sends)]
    if ready:
        index = arrival.taken = ready[machine.pick("user", len(ready))]
        if operation == "select":
            machine.record("select", arrival.queue.name, ready, index)
        channel, sends, value = cases[index]
        if sends:
            channel.put(value, thread, arrival.at)
        else:
            arrival.value, arrival.ok = channel.get(thread, arrival.at)
        return arrival
    if operation == "select":
        machine.record("select", arrival.queue.name, ready, None)
    if default:
        return None
    arrival.wait()
    machine.record("wait.begin", arrival.queue.name, operation)
    try:
        while arrival.taken < 0:
            await arrival.queue.park(operation)
    finally:
        arrival.leave()
    machine.decided()  # it has what it came for since its partner's step
    machine.record("wait.end", arrival.queue.name, operation, WOKEN)
    channel, sends, _ = cases[arrival.taken]
    if sends and not arrival.ok:
        raise Panic(f"send on closed channel: {channel.name}")
    return arrival


def _target(machine: Machine, cases: Sequence[Case]) -> str:
    """The one channel that an operation can touch; else it may touch anything.

    Whoever completes one case of a `select` takes the others away. So channels that were once
    in one `select` are no longer apart, not even for threads that stand before them already.
    """
    names = {case.channel.name: case.channel for case in cases if not case.channel.nil}
    if len(names) != 1:
        for channel in names.values():
            channel.shared = True
        for thread in machine.threads:
            if thread.target in names:
                thread.target = ""
        return ""
    return next(iter(names.values())).target
