"""Operations that go ahead only when they can, and are no choice while they cannot.

A thread that wants to lock what another holds is not runnable: no strategy may pick it, and
no step is spent on finding that out. So a thread that comes to a closed gate waits at once,
and one that stands before an open gate is held where it stands when somebody closes it. The
set of runnable threads is then what the literature calls enabled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from emu.engine.recorder import Standing, standing
from emu.engine.thread import State, Thread
from emu.engine.waitqueue import WOKEN, Holders, Wait, WaitQueue

if TYPE_CHECKING:
    from emu.engine.machine import Machine


class Delay(NamedTuple):
    """Since when a thread had to wait at a gate, in ns, and who kept it closed then."""

    since: int
    met: str | None


class _Passage:
    """A thread before the gate, with what it is about to do and whether it can."""

    __slots__ = ("at", "holders", "met", "operation", "ready", "thread", "wait", "what")

    def __init__(
        self,
        thread: Thread,
        operation: str,
        ready: Callable[[], bool],
        holders: Holders | None,
        what: str,
        at: Standing,
    ) -> None:
        self.thread = thread
        self.operation = operation
        self.ready = ready
        self.holders = holders
        self.what = what
        self.at = at
        self.met: str | None = None
        self.wait: Wait | None = None

    def delay(self) -> Delay | None:
        """How the thread was kept waiting; None if it was not."""
        return None if self.wait is None else Delay(self.wait.since, self.met)


class Gate:
    """The operations on the thing called `name`. Whoever changes it calls `changed`."""

    __slots__ = ("machine", "name", "passages", "queue")

    def __init__(self, machine: Machine, name: str) -> None:
        self.machine = machine
        self.name = name
        self.queue = WaitQueue(machine, name)
        self.passages: list[_Passage] = []

    async def enter(
        self,
        operation: str,
        ready: Callable[[], bool],
        *,
        holders: Holders | None = None,
        what: str = "lock",
    ) -> Delay | None:
        """The checkpoint of an operation that can go ahead only when `ready()`.

        It is then done without another checkpoint. `holders` and `what` are those of
        `WaitQueue.park`. Gives how the thread was kept waiting; None if it was not.
        """
        machine = self.machine
        thread = machine.current
        passage = _Passage(thread, operation, ready, holders, what, standing())
        self.passages.append(passage)
        try:
            if not ready():
                machine.decided()
            await machine.checkpoint(operation, self.name)
            await self._pass(passage)
        finally:
            self.passages.remove(passage)
        return passage.delay()

    def bring(
        self,
        thread: Thread,
        queue: WaitQueue,
        operation: str,
        ready: Callable[[], bool],
        at: Standing,
        *,
        holders: Holders | None = None,
        what: str = "lock",
    ) -> None:
        """Let a thread that waits in `queue` wait for its turn here instead.

        It stands at `at`, and must call `arrive` when its wait has ended.
        """
        passage = _Passage(thread, operation, ready, holders, what, at)
        self.passages.append(passage)
        if thread not in queue.waiters:
            return  # it is in a handler
        thread.operation = operation
        thread.target = self.name
        if ready():
            self.machine.unpark(thread, WOKEN)
            return
        queue.waiters.remove(thread)
        thread.wait = self._waits(passage)
        self.queue.waiters.append(thread)
        self.machine.blocked(thread)

    async def arrive(self) -> Delay | None:
        """Go on, for a thread that was brought here; gives what `enter` gives."""
        thread = self.machine.current
        passage = next(one for one in self.passages if one.thread is thread)
        try:
            await self._pass(passage)
        finally:
            self.passages.remove(passage)
        return passage.delay()

    def changed(self) -> None:
        """The thing has changed: hold who can no longer go ahead, let go who now can."""
        machine = self.machine
        for passage in tuple(self.passages):
            thread = passage.thread
            if thread is machine.current or thread.operation != passage.operation:
                continue  # it runs, or is in a handler
            can = passage.ready()
            if thread.state is State.READY and not can and not thread.suspended:
                machine.hold(thread, self._waits(passage))
            elif thread.state is State.BLOCKED and can and thread in self.queue.waiters:
                machine.unpark(thread, WOKEN)

    async def _pass(self, passage: _Passage) -> None:
        """Wait, as the running thread, until it can go ahead."""
        thread = passage.thread
        while not passage.ready():
            thread.wait = self._waits(passage)
            self.queue.waiters.append(thread)
            await self.machine.park(thread)
        thread.wait = None

    def _waits(self, passage: _Passage) -> Wait:
        if passage.wait is None:
            machine = self.machine
            kind = "lock.wait" if passage.what == "lock" else "wait.begin"
            holders = () if passage.holders is None else passage.holders()
            passage.met = holders[0].name if holders else None
            values = (passage.met, passage.operation) if passage.what == "lock" else (passage.what,)
            request = machine.record_for(passage.thread, passage.at, kind, self.name, *values)
            passage.wait = Wait(
                self.queue,
                passage.what,
                passage.holders,
                None,
                machine.now,
                request,
                interruptible=True,
            )
        return passage.wait
