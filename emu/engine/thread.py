"""An emulated thread, and the table of its states."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from enum import Enum
from types import CodeType
from typing import TYPE_CHECKING, Any, Final

import trio

from emu.engine.waitqueue import Wait, WaitQueue

if TYPE_CHECKING:
    from emu.engine.life import Life
    from emu.engine.ownership import Ownership

Body = Callable[..., Awaitable[Any]]
Interrupt = Callable[[], Awaitable[None]]


class State(Enum):
    """The states of a thread."""

    READY = "may run, or is running"
    BLOCKED = "waits in a wait queue"
    DONE = "has ended"


NEXT: Final[dict[State, tuple[State, ...]]] = {
    State.READY: (State.BLOCKED, State.DONE),
    State.BLOCKED: (State.READY, State.DONE),
    State.DONE: (),
}
"""Which states may follow. A blocked thread is done only when its machine is torn down."""


class ThreadEnded(BaseException):
    """Unwinds an emulated thread whose run is over. No error: `except Exception` is blind to it."""


class Spinning(BaseException):
    """Breaks code that runs for too long without reaching a checkpoint; its text says where."""


class Panic(Exception):
    """An emulated program's panic: a thread that lets it out ends the run with outcome `panic`."""


class Thread:
    """One emulated thread: an async function on its way through its checkpoints.

    `region` names the stretches of code it is in (`mallocgc/MHeap_Alloc`), `depth` how many
    signal handlers deep it is, `holds` the things it owns, oldest first. `operation` and
    `target` are what it was about to do when it was last asked who runs next; `elected`
    says that this was decided already, for its first checkpoint when it was started.
    """

    __slots__ = (
        "_inbox",
        "_outbox",
        "args",
        "body",
        "code",
        "depth",
        "elected",
        "holds",
        "id",
        "joiners",
        "machine",
        "name",
        "operation",
        "pending",
        "region",
        "result",
        "state",
        "suspended",
        "target",
        "task",
        "wait",
        "woken",
    )

    def __init__(
        self, machine: Life, number: int, name: str, body: Body, args: tuple[Any, ...]
    ) -> None:
        self.machine = machine
        self.id = number
        self.name = name
        self.body = body
        self.args = args
        self.code: CodeType | None = getattr(body, "__code__", None)
        self.state = State.READY
        self.elected = True
        self.operation = "start"
        self.target = name
        self.task: trio.lowlevel.Task | None = None
        self.wait: Wait | None = None
        self.woken = ""
        self.pending = 0
        self.depth = 0
        self.region = ""
        self.suspended = 0
        self.result: Any = None
        self.holds: list[Ownership] = []
        self.joiners: WaitQueue | None = None
        self._outbox: trio.MemorySendChannel[Interrupt] | None = None
        self._inbox: trio.MemoryReceiveChannel[Interrupt] | None = None

    def __repr__(self) -> str:
        return f"<Thread {self.name}: {self.state.value}>"

    async def join(self) -> Any:
        """Wait until this thread has ended; gives what its body returned."""
        machine = self.machine
        if waited := self.state is not State.DONE:
            machine.decided()
        await machine.checkpoint("join", self.name)
        while self.state is not State.DONE:
            if self.joiners is None:
                self.joiners = WaitQueue(machine, self.name)
            await self.joiners.park("join", holders=self._alone)
        machine.record("thread.join", self.name, waited)
        return self.result

    def _alone(self) -> tuple[Thread, ...]:
        return (self,)

    def post(self, interrupt: Interrupt) -> None:
        """Put an interrupt into this thread's signal channel."""
        if self._outbox is None:
            self._outbox, self._inbox = trio.open_memory_channel[Interrupt](math.inf)
        self._outbox.send_nowait(interrupt)
        self.pending += 1

    def let_go(self) -> None:
        """Drop what may refer back to this thread, which is done, with its whole machine."""
        self.wait = self.joiners = self.result = None
        self.args = ()
        self.body = _nothing
        self.holds.clear()

    def take(self) -> Interrupt:
        """The oldest interrupt of this thread's signal channel; it has `pending` of them."""
        assert self._inbox is not None
        self.pending -= 1
        return self._inbox.receive_nowait()


async def _nothing() -> None:
    """The body of a thread that has let go."""
