"""Cancellation: a request that a thread acts on at a cancellation point, or anywhere.

`POINTS` are the calls that are points. In other waits (a mutex, say) a deferred request
stays, an asynchronous one does not wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emu.engine.thread import State, Thread
from emu.posix.threads import CANCELED, Pthread, PthreadExit, Pthreads

if TYPE_CHECKING:
    from emu.engine.machine import Machine

STATES: Final = {"enable": True, "disable": False}
TYPES: Final = {"deferred": False, "asynchronous": True}


class Cancellation:
    """The cancellation calls of the process on one machine; each gives an error's number."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.threads = machine.service(Pthreads)
        self.threads.process.at_cancellation_point = _check

    async def cancel(self, thread: Thread) -> int:
        """Ask a thread to end; does not wait for it. 0 for one that has ended, too."""
        await self.threads.process.enter("pthread_cancel")
        self.machine.record("syscall", thread.name, "pthread_cancel", 0, None)
        if thread.state is not State.DONE:
            self.threads.of(thread).requested = True
            self.machine.interrupt(thread, self._act)
            await self.machine.attend()
        return 0

    async def testcancel(self) -> None:
        """A cancellation point and nothing else."""
        await self.threads.process.enter("pthread_testcancel")
        _check(self.machine)

    def setcancelstate(self, state: str) -> tuple[int, str]:
        """`enable` or `disable`; gives 0 or EINVAL, and the state before."""
        mine = self.threads.mine
        before = _name(STATES, value=mine.enabled)
        if state not in STATES:
            return self.threads.process.kernel.errno("EINVAL"), before
        mine.enabled = STATES[state]
        self._reconsider(mine)
        return 0, before

    def setcanceltype(self, kind: str) -> tuple[int, str]:
        """`deferred` or `asynchronous`; gives 0 or EINVAL, and the type before."""
        mine = self.threads.mine
        before = _name(TYPES, value=mine.asynchronous)
        if kind not in TYPES:
            return self.threads.process.kernel.errno("EINVAL"), before
        mine.asynchronous = TYPES[kind]
        self._reconsider(mine)
        return 0, before

    def _reconsider(self, mine: Pthread) -> None:
        if mine.requested and mine.enabled and mine.asynchronous:
            self.machine.interrupt(mine.thread, self._act)

    async def _act(self) -> None:
        """Run in the thread that is to end, at its checkpoint or in its wait."""
        mine = self.threads.mine
        signals = self.threads.process.signals(mine.thread)
        at_point = mine.asynchronous or signals.interruption is not None
        if mine.requested and mine.enabled and at_point:
            if not mine.wrapped:
                await self.threads.finish(mine)
            _end(mine)


def _check(machine: Machine) -> None:
    mine = machine.service(Pthreads).mine
    if mine.requested and mine.enabled:
        _end(mine)


def _end(mine: Pthread) -> None:
    mine.requested = False
    mine.enabled = False
    raise PthreadExit(CANCELED)


def _name(table: dict[str, bool], *, value: bool) -> str:
    return next(name for name, meaning in table.items() if meaning is value)
