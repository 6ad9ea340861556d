"""Where threads and processes begin and end.

A thread is over where it calls exit, for it does nothing more that others could see. A process
that calls exit_group ends all its threads, which then have no end of their own, as in emu's logs.
"""

from __future__ import annotations

from emu.analysis.strace.moments import Enter
from emu.analysis.strace.scanning import items, number
from emu.analysis.strace.syntax import Exited
from emu.analysis.strace.threads import Process, Thread
from emu.analysis.strace.timeline import BEFORE, Timeline


class Lives:
    """Tells where threads begin and end, and processes."""

    def __init__(self, timeline: Timeline) -> None:
        self.trace = timeline.trace
        self.timeline = timeline
        self._ended: set[Thread] = set()
        self._exited: set[Process] = set()

    def tell(self) -> None:
        """Add every event."""
        for at, child in self.trace.born.items():
            what = self.trace.moments[at].what
            assert isinstance(what, Enter)
            what.call.told = True
            self._spawn(at, self.trace.who[at], child, what.call.at)
        for thread in self.trace.threads:
            if thread.parent is None:
                self._spawn(thread.began, None, thread, "")
            if thread.began >= 0:
                self.timeline.add(thread.began, thread, "thread.start", thread.name, rank=BEFORE)
        for at, moment in enumerate(self.trace.moments):
            thread = self.trace.who[at]
            match moment.what:
                case Enter(call) if call.name in ("exit", "_exit"):
                    call.told = True
                    self._end(at, thread, _status(call.arguments))
                case Enter(call) if call.name == "exit_group":
                    call.told = True
                    self._exit(at, thread, _status(call.arguments))
                case Exited(status) if thread.tid == thread.process.pid:
                    self._exit(at, thread, status)
                case Exited(status) if thread.process not in self._exited:
                    self._end(at, thread, status)

    def _spawn(self, at: int, parent: Thread | None, child: Thread, place: str) -> None:
        rank = BEFORE if parent is None else 0
        self.timeline.add(
            at, parent, "thread.spawn", child.name, {"child": child}, rank=rank, place=place
        )

    def _end(self, at: int, thread: Thread, status: int) -> None:
        if thread not in self._ended:
            self._ended.add(thread)
            self.timeline.add(at, thread, "thread.end", thread.name, {"result": status})

    def _exit(self, at: int, thread: Thread, status: int) -> None:
        if thread.process not in self._exited and thread not in self._ended:
            self._exited.add(thread.process)
            self.timeline.add(at, thread, "process.exit", "", {"status": status})


def _status(arguments: str) -> int:
    return (number((items(arguments) or ["0"])[0]) or 0) & 0xFF
