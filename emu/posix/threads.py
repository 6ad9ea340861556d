"""POSIX threads: create, exit, join, detach, and what each keeps for itself.

`machine.service(Pthreads)` gives the threads of a process. A thread is the engine's; what
POSIX adds to it is a `Pthread`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from emu.engine.thread import Body, State, Thread, ThreadEnded
from emu.engine.waitqueue import WaitQueue
from emu.posix.interruptible import wait
from emu.posix.masks import leave
from emu.posix.process import Process

if TYPE_CHECKING:
    from emu.engine.machine import Machine

CANCELED: Final = "PTHREAD_CANCELED"
"""What joining a cancelled thread gives."""

DESTRUCTOR_ROUNDS: Final = 4

Cleanup = Callable[..., Awaitable[object]]


class PthreadExit(ThreadEnded):
    """Unwinds one thread that ends: it has called `exit`, or acts upon a cancellation."""

    def __init__(self, value: Any) -> None:
        super().__init__(value)
        self.value = value


class Key:
    """A key of thread-specific data; `destructor(value)` runs when a thread with one ends."""

    __slots__ = ("destructor", "name")

    def __init__(self, name: str, destructor: Cleanup | None = None) -> None:
        self.name = name
        self.destructor = destructor


class Pthread:
    """What POSIX keeps of one thread. `requested` is a cancellation that is not acted on yet."""

    __slots__ = (
        "asynchronous",
        "cleanup",
        "detached",
        "enabled",
        "joined",
        "requested",
        "thread",
        "values",
        "wrapped",
    )

    def __init__(self, thread: Thread, *, detached: bool = False, wrapped: bool = False) -> None:
        self.thread = thread
        self.detached = detached
        self.wrapped = wrapped
        self.joined = False
        self.enabled = True
        self.asynchronous = False
        self.requested = False
        self.cleanup: list[tuple[Cleanup, tuple[Any, ...]]] = []
        self.values: dict[Key, Any] = {}


class Pthreads:
    """The POSIX threads of the process on one machine. Calls give an error's number."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.process = machine.service(Process)
        self._known: dict[int, Pthread] = {}

    def of(self, thread: Thread) -> Pthread:
        """What POSIX keeps of a thread."""
        return self._known.setdefault(thread.id, Pthread(thread))

    @property
    def mine(self) -> Pthread:
        """What POSIX keeps of the running thread."""
        return self.of(self.machine.current)

    async def create(
        self, body: Body, *args: Any, name: str = "", detached: bool = False
    ) -> Thread:
        """A new thread. Raises `OSError` as `Process.thr_new`; this call's error is EAGAIN."""
        try:
            thread = await self.process.thr_new(self._run, body, args, name=name)
        except OSError as error:
            raise self.process.fails("pthread_create", "EAGAIN", "no thread") from error
        thread.code = getattr(body, "__code__", None)
        self._known[thread.id] = Pthread(thread, detached=detached, wrapped=True)
        return thread

    async def join(self, thread: Thread) -> tuple[int, Any]:
        """Wait for a thread's end; gives 0 and what it left, which only one thread may ask for.

        EDEADLK for the caller itself, EINVAL for a detached thread, ESRCH for one that was
        joined. A cancellation point: a joiner that is cancelled leaves the thread joinable.
        """
        await self.process.enter("pthread_join")
        errno = self.process.kernel.errno
        other = self.of(thread)
        if thread is self.machine.current:
            return errno("EDEADLK"), None
        if other.joined:
            return errno("ESRCH"), None
        if other.detached:
            return errno("EINVAL"), None
        self.process.cancellation_point()
        waited = thread.state is not State.DONE
        while thread.state is not State.DONE:
            if thread.joiners is None:
                thread.joiners = WaitQueue(self.machine, thread.name)
            await wait(self.process, thread.joiners, "join", holders=lambda: (thread,))
        other.joined = True
        self.machine.record("thread.join", thread.name, waited)
        return 0, thread.result

    async def detach(self, thread: Thread) -> int:
        """Let nobody join a thread; EINVAL if it is detached, ESRCH if it was joined."""
        await self.process.enter("pthread_detach")
        other = self.of(thread)
        if other.detached or other.joined:
            return self.process.kernel.errno("EINVAL" if other.detached else "ESRCH")
        other.detached = True
        self.machine.record("syscall", thread.name, "pthread_detach", 0, None)
        return 0

    async def exit(self, value: Any = None) -> None:
        """End the calling thread; it leaves `value`. Never returns."""
        await self.finish(self.mine)
        raise PthreadExit(value)

    # Clean-up handlers and thread-specific data.

    def cleanup_push(self, handler: Cleanup, *args: Any) -> None:
        """Have `handler(*args)` called if the thread ends before it is popped."""
        self.mine.cleanup.append((handler, args))

    async def cleanup_pop(self, *, execute: bool) -> None:
        """Take the newest clean-up handler off, and call it if `execute`."""
        handler, args = self.mine.cleanup.pop()
        if execute:
            await handler(*args)

    def setspecific(self, key: Key, value: Any) -> None:
        """Keep a value under `key`, for the calling thread alone."""
        self.mine.values[key] = value

    def getspecific(self, key: Key) -> Any:
        """The calling thread's value under `key`; None if it has none."""
        return self.mine.values.get(key)

    async def finish(self, mine: Pthread) -> None:
        """Call the running thread's clean-up handlers, newest first, then the destructors."""
        mine.enabled = False
        while mine.cleanup:
            handler, args = mine.cleanup.pop()
            await handler(*args)
        for _ in range(DESTRUCTOR_ROUNDS):
            due = [(key, value) for key, value in mine.values.items() if value is not None]
            for key, value in due:
                mine.values[key] = None
                if key.destructor is not None:
                    await key.destructor(value)

    async def _run(self, body: Body, args: tuple[Any, ...]) -> Any:
        try:
            value = await body(*args)
        except PthreadExit as end:
            value = end.value
        mine = self.mine
        await self.finish(mine)
        leave(self.process, self.process.signals(mine.thread))
        return value
