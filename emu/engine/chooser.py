"""Who decides: the contract between a machine and a strategy or a tape.

Every decision of a run is asked for here, and option 0 always means "nothing unusual".
The machine asks in order, from one thread, and writes every other option on the tape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emu.engine.clock import NEVER

if TYPE_CHECKING:
    from emu.engine.machine import Machine
    from emu.engine.thread import Thread


class Chooser:
    """Takes option 0 everywhere: the quiet schedule. Strategies and tapes override.

    A user's own strategy derives from it, or from `Strategy`, which draws all but who runs next
    from a seed. Methods are plain functions that answer an option there is and change nothing of
    the machine; what else one does ends the exploration with a sentence (`search.guarded`).

    `quiet_until` and `timer_step` are promises that spare the machine from asking: before
    step `quiet_until`, `thread` would give 0 unless a thread became runnable; before step
    `timer_step`, `timer` would give 0. A chooser moves them only while it is being asked.
    """

    quiet_until: int = NEVER
    timer_step: int = NEVER

    def start(self, machine: Machine) -> None:
        """A run begins; called once, before every other method."""

    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        """Which thread runs next: option k is `runnable[(here + k) % len(runnable)]`.

        There are at least two, in the order of their numbers. Option 0 is the running
        thread, or where that one is blocked, done or yielding, the next in order.
        """
        return 0

    def alone(self, step: int, thread: Thread) -> None:
        """`thread` goes on, for it alone can: told where `Chooser.thread` would be asked else."""

    def timer(self, step: int) -> int:
        """Whether the next timer fires now (1), although its time has not come; one is pending."""
        return 0

    def chaos(self, step: int, entries: tuple[int, ...]) -> int:
        """Which of these entries of the chaos plan acts here: option k is `entries[k - 1]`."""
        return 0

    def pick(self, step: int, kind: str, options: int) -> int:
        """Any other choice: the waiter to wake, the victim of a signal, a draw of the scenario."""
        return 0

    def yielded(self, thread: Thread) -> None:
        """The running thread says that it polls: somebody else should run."""

    def finish(self, machine: Machine) -> None:
        """The run has ended; called once, after every other method."""
