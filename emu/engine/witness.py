"""A machine whose chooser sees more than it is asked: what goes ahead, blocks, wakes and ends.

Who wants to know in which of two steps the order can matter needs every step, those too that
offered no choice. An ordinary machine tells its chooser nothing, and pays nothing for it.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from emu.engine.chooser import Chooser
from emu.engine.machine import Machine
from emu.engine.waitqueue import INTERRUPTED

if TYPE_CHECKING:
    from emu.engine.carrier import Carriers
    from emu.engine.scenario import Setup
    from emu.engine.thread import Thread
    from emu.engine.waitqueue import Wait


class Witness(Chooser):
    """A chooser that is also told what happens, in order."""

    def starts(self, thread: Thread) -> None:
        """`thread` begins to run."""

    def goes(self, thread: Thread, operation: str, target: str, *, merged: bool) -> None:
        """`operation` of `thread` is about to take effect.

        It is `merged` with the step before when nobody was asked who runs in between.
        """

    def blocks(self, thread: Thread) -> None:
        """`thread`, whose `wait` says why, cannot go on."""

    def holds(self, thread: Thread) -> None:
        """`thread`, which was about to do something, no longer can."""

    def resumes(self, thread: Thread, operation: str, target: str) -> None:
        """`thread` goes on with the operation in which it was blocked."""

    def wakes(self, waker: Thread, thread: Thread) -> None:
        """`thread` is runnable again, by what `waker` did; nobody in particular has number -1."""

    def moves(self, thread: Thread) -> None:
        """`thread`, which waits, waits for something else now, by what another did."""

    def spawns(self, parent: Thread, child: Thread) -> None:
        """`parent` has made `child`."""

    def names(self, wanted: str) -> None:
        """An object is made, by whoever runs, that is to be called `wanted`."""

    def ends(self, thread: Thread) -> None:
        """`thread` has come to its end."""

    def silent(self) -> None:
        """Nobody can run, and nothing will change that: the run has ended."""


class WitnessedMachine(Machine):
    """A machine that tells its chooser, a `Witness`, all that the class speaks of."""

    def __init__(
        self, setup: Setup, witness: Witness, carriers: Carriers, *, strategy: str, seed: int = 0
    ) -> None:
        super().__init__(setup, witness, carriers, strategy=strategy, seed=seed)
        self.witness = witness
        self._holding = False
        self._entered: dict[int, int] = {}
        self.on_spawn(witness.spawns)

    async def checkpoint(self, operation: str = "checkpoint", target: str = "") -> str | None:
        """As every machine's; then the operation goes ahead."""
        thread = self.current
        merged = thread.elected
        entered = self._entered[thread.id] = self._entered.get(thread.id, 0) + 1
        failure = await super().checkpoint(operation, target)
        if not self.ended:
            # The end of a handler that ran in there, and this operation, are one step.
            handled = self._entered[thread.id] != entered
            self.witness.goes(thread, operation, target, merged=merged or handled)
        return failure

    def own_name(self, wanted: str) -> str:
        """As every machine's, told before."""
        self.witness.names(wanted)
        return super().own_name(wanted)

    async def park(self, thread: Thread) -> str:
        """As every machine's, told before and after."""
        operation, target = thread.operation, thread.target
        self.witness.blocks(thread)
        reason = await super().park(thread)
        if reason != INTERRUPTED:  # else those may be a handler's
            operation, target = thread.operation, thread.target
        self.witness.resumes(thread, operation, target)
        return reason

    def hold(self, thread: Thread, wait: Wait) -> None:
        """As every machine's, told before."""
        self.witness.holds(thread)
        self._holding = True
        super().hold(thread, wait)
        self._holding = False

    def blocked(self, thread: Thread) -> None:
        """As every machine's, told before if the thread was blocked already."""
        if thread is not self.current and not self._holding:
            self.witness.moves(thread)
        super().blocked(thread)

    def unpark(self, thread: Thread, reason: str) -> None:
        """As every machine's, told before."""
        self.witness.wakes(self.current, thread)
        super().unpark(thread, reason)

    def begin(self, thread: Thread) -> Coroutine[Any, Any, Any]:
        """As every machine's, told before."""
        self.witness.starts(thread)
        return super().begin(thread)

    def retire(self, thread: Thread) -> Thread | None:
        """As every machine's, told before."""
        if not self.ended:
            self.witness.ends(thread)
        return super().retire(thread)

    def idle(self) -> bool:
        """As every machine's, told when that is the end."""
        goes_on = super().idle()
        if not goes_on:
            self.witness.silent()
        return goes_on
