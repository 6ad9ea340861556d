"""A Note: an event that happens once between two clears. One sleeper, one wake-up a clear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emu.engine.waitqueue import TIMEOUT, WaitQueue
from emu.goruntime.lock import SLEEP_FAILED, WAKE_FAILED

if TYPE_CHECKING:
    from emu.goruntime.runtime import Runtime


class Note:
    """The note called `name`. A second wake-up is not noticed on systems with a futex."""

    def __init__(self, rt: Runtime, name: str) -> None:
        self.rt = rt
        self.name = rt.machine.own_name(name)
        self.word = 0
        self.queue = WaitQueue(rt.machine, self.name)

    async def clear(self) -> None:
        """Forget an earlier wake-up; allowed once the sleep before it has returned."""
        await self.rt.machine.checkpoint("noteclear", self.name)
        self.word = 0
        self.rt.machine.record("word.store", self.name, 0, True)

    async def wakeup(self) -> None:
        """Let the sleeper go on, now or when it comes."""
        machine = self.rt.machine
        await machine.checkpoint("notewakeup", self.name)
        self.word = 1
        woken = self.queue.wake()
        machine.record("wake", self.name, "note", [thread.name for thread in woken])
        if woken:
            await self.rt.umtx("umtx_wake", WAKE_FAILED)

    async def sleep(self, deadline: int | None = None) -> bool:
        """Wait for the wake-up, at most until `deadline` ns; gives whether it came."""
        machine = self.rt.machine
        await machine.checkpoint("notesleep", self.name)
        while self.word == 0:
            await self.rt.umtx("umtx_wait", SLEEP_FAILED)
            if self.word:
                break
            machine.record("wait.begin", self.name, "note")
            reason = await self.queue.park("note", deadline=deadline)
            machine.record("wait.end", self.name, "note", reason)
            if reason == TIMEOUT:
                return self.word != 0
        return True
