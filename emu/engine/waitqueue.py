"""Where blocked threads wait. Whom to wake is a choice.

A thread that was woken retries what it wanted: another may have barged in before it. A
primitive that wants no barging hands over instead (`Ownership.reserve`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from emu.engine.checkpoint import Baton
    from emu.engine.thread import Thread
    from emu.record.event import RawEvent

WOKEN: Final = "woken"
TIMEOUT: Final = "timeout"
INTERRUPTED: Final = "interrupted"
SPURIOUS: Final = "spurious"

Holders = Callable[[], "tuple[Thread, ...]"]


class Wait:
    """One thread's wait: what for, since when, who could end it, and how it is cancelled.

    `holders` gives the threads that must all act before this wait can end (the edges of the
    wait-for graph); None when nobody in particular could. `deadline` is in ns; `excused` is
    how much of the time since, in ns, went by only because a choice let a timer fire early.
    """

    __slots__ = (
        "deadline",
        "excused",
        "holders",
        "interruptible",
        "queue",
        "request",
        "since",
        "what",
    )

    def __init__(
        self,
        queue: WaitQueue,
        what: str,
        holders: Holders | None,
        deadline: int | None,
        since: int,
        request: RawEvent | None,
        *,
        interruptible: bool,
    ) -> None:
        self.queue = queue
        self.what = what
        self.holders = holders
        self.deadline = deadline
        self.interruptible = interruptible
        self.since = since
        self.excused = 0
        self.request = request


class WaitQueue:
    """The threads that wait for one thing, oldest first."""

    __slots__ = ("machine", "name", "waiters")

    def __init__(self, machine: Baton, name: str) -> None:
        self.machine = machine
        self.name = name
        self.waiters: list[Thread] = []

    def __len__(self) -> int:
        return len(self.waiters)

    async def park(
        self,
        what: str,
        *,
        holders: Holders | None = None,
        deadline: int | None = None,
        interruptible: bool = True,
        request: RawEvent | None = None,
    ) -> str:
        """Block the current thread here; gives why it goes on.

        `request` is the event that says so, by default the latest.

        `WOKEN` by `wake`; `TIMEOUT` at `deadline` (ns); `INTERRUPTED` after the thread's
        pending interrupts have run (only if `interruptible`); `SPURIOUS` by chaos.
        """
        machine = self.machine
        thread = machine.current
        thread.wait = wait = Wait(
            self,
            what,
            holders,
            deadline,
            machine.now,
            request or (machine.events[-1] if machine.events else None),
            interruptible=interruptible,
        )
        self.waiters.append(thread)
        timer = None
        if deadline is not None:
            timer = machine.clock.at(deadline, lambda: self._expire(thread, wait))
        try:
            return await machine.park(thread)
        finally:
            if timer is not None:
                machine.clock.cancel(timer)

    def _expire(self, thread: Thread, wait: Wait) -> None:
        # An interrupt that runs inside this wait may be in a wait of its own by now.
        if thread.wait is wait:
            self.machine.unpark(thread, TIMEOUT)

    def wake(self, count: int = 1) -> list[Thread]:
        """Make up to `count` waiters runnable, each picked by a choice; gives them."""
        woken: list[Thread] = []
        while self.waiters and len(woken) < count:
            index = self.machine.pick("waiter", len(self.waiters))
            thread = self.waiters[index]
            self.machine.unpark(thread, WOKEN)
            woken.append(thread)
        return woken

    def wake_all(self) -> list[Thread]:
        """Make every waiter runnable; gives them."""
        woken = list(self.waiters)
        for thread in woken:
            self.machine.unpark(thread, WOKEN)
        return woken
