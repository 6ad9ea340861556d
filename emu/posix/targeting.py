"""Which thread is to take a process-directed signal.

`main-first` (Linux): the main thread, else the next after the one chosen last.
`newest-first` (FreeBSD): the calling thread, else the newest that can.
`any`: every thread that can is an option; option 0 is the kernel's own choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emu.engine.thread import State, Thread

if TYPE_CHECKING:
    from emu.posix.kernel import Targeting
    from emu.posix.process import Process


def choose(
    process: Process, number: int, prefer: Thread | None, policy: Targeting | None = None
) -> Thread | None:
    """The thread that is to take signal `number`; None if none can now.

    `prefer` is looked at first: the thread that a timer is charged to, or the caller.
    """
    if process.stopped:
        return None
    policy = policy or process.targeting
    able = [thread for thread in _order(process, prefer) if _can_take(process, thread, number)]
    if not able:
        return None
    index = process.machine.pick("victim", len(able)) if policy == "any" else 0
    chosen = able[index]
    process.last_target = chosen.id
    return chosen


def _order(process: Process, prefer: Thread | None) -> list[Thread]:
    threads = process.machine.threads
    if process.kernel.targeting == "newest-first":
        order = threads[::-1]
    else:
        last = process.last_target
        order = threads[:1] + [one for one in threads[last:] if one.id] + threads[1:last]
    if prefer is None or prefer.id < 0:
        return order
    return [prefer, *(thread for thread in order if thread is not prefer)]


def _can_take(process: Process, thread: Thread, number: int) -> bool:
    if thread.state is State.DONE:
        return False
    signals = process.signals(thread)
    if signals.exiting:
        return False
    busy = signals.notified and thread is not process.machine.current
    return not signals.blocks(number) and not busy
