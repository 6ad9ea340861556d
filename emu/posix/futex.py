"""The futex: wait while a word has a value, until somebody wakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emu.engine.waitqueue import SPURIOUS, TIMEOUT, WOKEN, WaitQueue
from emu.posix.interruptible import HANDLED, RESTARTS, wait
from emu.posix.memory import Word
from emu.posix.process import Process

if TYPE_CHECKING:
    from emu.engine.machine import Machine


class Futex:
    """The queue of the threads that wait on `word`. Calls raise `OSError`."""

    __slots__ = ("machine", "queue", "word")

    def __init__(self, machine: Machine, word: Word) -> None:
        self.machine = machine
        self.word = word
        self.queue = WaitQueue(machine, word.name)

    async def wait(self, expected: Any, deadline: int | None = None) -> None:
        """Wait for `wake` if the word is `expected`, until a moment (ns) at most.

        It may return although nobody woke: the caller looks again.

        Raises EAGAIN if it is not, ETIMEDOUT; EINTR when a handler has run, unless that has
        SA_RESTART and there is no deadline.
        """
        process = self.machine.service(Process)
        await process.enter("futex_wait")
        while True:
            if self.word.value != expected:
                raise process.fails("futex_wait", "EAGAIN", "the word has changed")
            self.machine.record("wait.begin", self.word.name, "futex")
            reason = await wait(process, self.queue, "futex", deadline=deadline)
            self.machine.record("wait.end", self.word.name, "futex", reason)
            if reason in (WOKEN, SPURIOUS):
                return
            if reason == TIMEOUT:
                raise process.fails("futex_wait", "ETIMEDOUT", "the moment has come")
            if reason == HANDLED or (reason == RESTARTS and deadline is not None):
                raise process.fails("futex_wait", "EINTR", "a handler has run")

    async def wake(self, count: int = 1) -> int:
        """Wake up to `count` waiters; gives how many."""
        await self.machine.service(Process).enter("futex_wake")
        woken = self.queue.wake(count)
        self.machine.record("wake", self.word.name, "futex", [thread.name for thread in woken])
        return len(woken)
