"""Who owns a thing: a `trio.Lock`, asked without waiting.

The trio lock holds the fact; the engine decides who tries next. trio knows only the task
that carries a thread, and raises when that task acquires again: an emulated thread must
wait instead, so `owner` is asked first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio
from trio.lowlevel import remove_parking_lot_breaker

if TYPE_CHECKING:
    from emu.engine.thread import Thread
    from emu.record.event import RawEvent


class Ownership:
    """Exclusive ownership of the thing called `name`, by an emulated thread."""

    __slots__ = ("_lock", "count", "name", "owner", "reserved", "since")

    def __init__(self, name: str) -> None:
        self.name = name
        self.owner: Thread | None = None
        self.reserved: Thread | None = None
        self.since: RawEvent | None = None
        self.count = 0
        self._lock = trio.Lock()

    def acquire(self, thread: Thread) -> bool:
        """Let `thread`, which is running, own this if nobody does; gives whether it now does."""
        if self.owner is not None or self.reserved not in (None, thread):
            return False
        self._lock.acquire_nowait()
        self.owner = thread
        self.reserved = None
        self.count = 1
        thread.holds.append(self)
        return True

    def release(self, thread: Thread) -> None:
        """`thread`, which is running, gives this up, on behalf of the owner if it is another."""
        owner = self.owner
        assert owner is not None
        owner.holds.remove(self)
        if owner is thread:
            self._lock.release()
        else:
            self.leave()
        self.owner = None
        self.since = None
        self.count = 0

    def leave(self) -> None:
        """The owner's task has nothing more to do with this, as trio sees it.

        A thread may end as the owner, or another release on its behalf. trio lets only the
        owner's task release, and keeps every lock of a task until the task ends; but here
        the task goes on to carry other threads.
        """
        if self.owner is not None and self.owner.task is not None:
            remove_parking_lot_breaker(self.owner.task, self._lock._lot)
            self._lock = trio.Lock()

    def reserve(self, thread: Thread) -> None:
        """Hand over: nobody but `thread` may acquire this next."""
        self.reserved = thread

    def holders(self) -> tuple[Thread, ...]:
        """Who must act before a waiter can own this: the edges of the wait-for graph."""
        holder = self.owner or self.reserved
        return () if holder is None else (holder,)
