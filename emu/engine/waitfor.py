"""Who waits for whom; a cycle is a deadlock.

An edge leads from each blocked thread to every thread that must act before its wait can
end. It is looked at when a thread blocks: only that can close a cycle. A wait that ends by
itself, at a deadline, is no edge, and neither is a thread that has an interrupt to run.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from emu.engine.thread import State
from emu.record.finding import Blocked
from emu.record.place import place_of

if TYPE_CHECKING:
    from emu.engine.thread import Thread


def edges(thread: Thread) -> tuple[Thread, ...]:
    """The threads that must act before `thread` can go on; none if it can, or by itself will."""
    wait = thread.wait
    if thread.state is not State.BLOCKED or wait is None or wait.deadline is not None:
        return ()
    return wait.holders() if wait.holders is not None else ()


def find_cycle(start: Thread) -> list[Thread]:
    """The cycle that `start` closes, beginning with it, each waiting for the next; or nothing."""
    path = [start]
    ahead = [iter(edges(start))]
    seen = {start.id}
    while path:
        holder = next(ahead[-1], None)
        if holder is start:
            return path
        if holder is None:
            path.pop()
            ahead.pop()
        elif holder.id not in seen:
            seen.add(holder.id)
            path.append(holder)
            ahead.append(iter(edges(holder)))
    return []


def describe(thread: Thread) -> Blocked:
    """What a blocked thread waits for, and who holds it since where."""
    wait = thread.wait
    assert wait is not None
    holders = wait.holders() if wait.holders is not None else ()
    since = ""
    for holder in holders:
        for owned in holder.holds:
            if owned.name == wait.queue.name and owned.since is not None:
                since = place_of(owned.since)
    return Blocked(
        thread=thread.name,
        waits_for=wait.queue.name,
        what=wait.what,
        at=place_of(wait.request) if wait.request is not None else "",
        since=wait.since,
        held_by=tuple(holder.name for holder in holders),
        held_since=since,
        holds=tuple(owned.name for owned in thread.holds),
        depth=thread.depth,
    )


def blocked(threads: Iterable[Thread]) -> tuple[Blocked, ...]:
    """Every thread that waits, in the order of their numbers."""
    return tuple(describe(thread) for thread in threads if thread.state is State.BLOCKED)
