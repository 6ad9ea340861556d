"""What holds of a healthy runtime whenever a goroutine runs Go code; checks give what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emu.goruntime.m import GRUNNING, M

if TYPE_CHECKING:
    from emu.goruntime.runtime import Runtime


def poisoned_ms(rt: Runtime) -> list[str]:
    """Ms outside malloc with its flag still set: the next to allocate there dies."""
    return [f"M{m.id} is outside malloc, but mallocing is set" for m in _outside(rt) if m.mallocing]


def leaked_locks(rt: Runtime) -> list[str]:
    """Locks of Ms that have left the code which took them."""
    return [
        f"M{m.id} has left {owned.name} locked"
        for m in _outside(rt)
        if m.thread is not None
        for owned in m.thread.holds
    ]


def lost_slots(rt: Runtime) -> list[str]:
    """Goroutines that were given to an M that has no thread."""
    return [
        f"goroutine {m.nextg.goid} waits for M{m.id}, which has no thread"
        for m in rt.allm
        if m.nextg is not None and m.thread is None
    ]


def miscounted(rt: Runtime) -> list[str]:
    """The count of Ms that run Go code, where it is less than there are running goroutines."""
    running = sum(gp.status == GRUNNING for gp in rt.allg)
    if running <= rt.sched.mcpu:
        return []
    return [f"{running} goroutines run, but mcpu is {rt.sched.mcpu}"]


def _outside(rt: Runtime) -> list[M]:
    """Ms that are not inside the runtime: the one that runs this goroutine, and the parked ones."""
    asleep = [m for m in rt.sched.parked if m.havenextg and m.thread in m.havenextg.queue.waiters]
    return [rt.m, *asleep]


def violations(rt: Runtime) -> list[str]:
    """Everything that is wrong at the moment."""
    return [*poisoned_ms(rt), *leaked_locks(rt), *lost_slots(rt), *miscounted(rt)]
