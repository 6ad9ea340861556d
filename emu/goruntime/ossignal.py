"""os/signal: sigsend in the handler, signal_recv in a goroutine, a mask and a note between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emu.goruntime.note import Note

if TYPE_CHECKING:
    from emu.goruntime.runtime import Runtime


class OsSignal:
    """The signals that the program wants, those that wait, and whether the receiver sleeps."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.wanted: set[int] = set()
        self.inuse = False
        self.mask: set[int] = set()
        self.kick = 0
        self.note = Note(rt, "sig.note")
        self._received: list[int] = []

    def enable(self, *names: str) -> None:
        """Ask for signals, as signal.Notify does."""
        self.inuse = True
        self.wanted.update(self.rt.process.kernel.number(name) for name in names)

    async def sigsend(self, number: int) -> bool:
        """In the handler: pass a signal on; gives whether somebody wants it."""
        rt = self.rt
        with rt.machine.region("sigsend"):
            if not self.inuse or number not in self.wanted:
                return False
            await rt.checkpoint("cas sig.mask")
            if number in self.mask:
                return True
            self.mask.add(number)
            await rt.checkpoint("cas sig.kick")
            if self.kick:
                self.kick = 0
                await self.note.wakeup()
            return True

    async def signal_recv(self) -> int:
        """The number of the next signal; waits, in a system call, until there is one."""
        rt = self.rt
        with rt.machine.region("signal_recv"):
            while not self._received:
                await rt.checkpoint("load sig.kick")
                if not self.kick:
                    await self.note.clear()
                    await rt.checkpoint("cas sig.kick")
                    self.kick = 1
                await rt.checkpoint("cas sig.mask")
                self._received = sorted(self.mask)
                self.mask.clear()
                if self._received:
                    break
                await rt.sched.entersyscall()
                await self.note.sleep()
                await rt.sched.exitsyscall()
            return self._received.pop(0)
