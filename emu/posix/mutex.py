"""The mutex: normal, error-checking or recursive; a `trio.Lock` holds who owns it."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final, Literal

from emu.engine.ownership import Ownership
from emu.engine.waitqueue import TIMEOUT, WaitQueue
from emu.errors import UsageError
from emu.posix.process import Process
from emu.posix.timespec import Moment, as_deadline
from emu.record.event import TRIED

if TYPE_CHECKING:
    from emu.engine.machine import Machine
    from emu.engine.thread import Thread

Kind = Literal["normal", "errorcheck", "recursive"]
KINDS: Final[tuple[Kind, ...]] = ("normal", "errorcheck", "recursive")
MODE: Final = "exclusive"
BOUNDED: Final = MODE + TRIED


class Mutex:
    """A mutex called `name`. Its calls give an error's number; 0 is success.

    A `normal` one that its owner locks again is a deadlock, and anybody may unlock it. An
    `errorcheck` one refuses both (EDEADLK, EPERM); a `recursive` one counts. None is the
    kernel's default. `async with mutex` raises `OSError` instead.
    """

    __slots__ = ("kind", "machine", "name", "ownership", "queue")

    def __init__(self, machine: Machine, name: str, kind: Kind | None = None) -> None:
        if kind is not None and kind not in KINDS:
            raise UsageError(f"mutex {name}: kind {kind!r}; allowed are {', '.join(KINDS)}")
        self.machine = machine
        self.name = machine.own_name(name)
        self.kind: Kind = kind or machine.service(Process).kernel.default_mutex
        self.ownership = Ownership(self.name)
        self.queue = WaitQueue(machine, self.name)

    def __repr__(self) -> str:
        owner = self.ownership.owner
        return f"<Mutex {self.name}: {'free' if owner is None else f'held by {owner.name}'}>"

    @property
    def owner(self) -> Thread | None:
        """The thread that holds it."""
        return self.ownership.owner

    async def lock(self) -> int:
        """Acquire it, waiting as long as it takes; EDEADLK from an error-checking one."""
        machine = self.machine
        ownership = self.ownership
        if ownership.owner is not None:
            machine.decided()
        failure = await machine.checkpoint("lock", self.name)
        if failure is not None:
            return self.fail(failure)
        if ownership.acquire(machine.current):
            machine.record("lock.acquire", self.name, 0, False, None, MODE)
            ownership.since = machine.events[-1]
            return 0
        return await self.contend(None)

    async def trylock(self) -> int:
        """Acquire it if that is possible at once; else EBUSY."""
        machine = self.machine
        failure = await machine.checkpoint("trylock", self.name)
        if failure is not None:
            return self.fail(failure)
        since = machine.now
        if self.take(since=since, met=None, mode=BOUNDED) or self._again(machine.current):
            return 0
        return self.fail("EBUSY")

    async def timedlock(self, until: Moment) -> int:
        """Acquire it, or give up at a moment (ns, or a `Timespec`) with ETIMEDOUT.

        EINVAL for no moment, but only where the call would wait.
        """
        machine = self.machine
        failure = await machine.checkpoint("timedlock", self.name)
        if failure is not None:
            return self.fail(failure)
        if self.take(since=machine.now, met=None, mode=BOUNDED):
            return 0
        deadline = as_deadline(until)
        mine = self.ownership.owner is machine.current
        if deadline is None and (self.kind == "normal" or not mine):
            return self.fail("EINVAL")
        return await self.contend(deadline)

    async def unlock(self) -> int:
        """Release it; EPERM from one that checks, if the caller does not own it."""
        machine = self.machine
        failure = await machine.checkpoint("unlock", self.name)
        if failure is not None:
            return self.fail(failure)
        ownership = self.ownership
        thread = machine.current
        if ownership.owner is not thread and (self.kind != "normal" or ownership.owner is None):
            return self.fail("EPERM") if self.kind != "normal" else 0
        self.give_up(thread)
        return 0

    def destroy(self) -> int:
        """EBUSY if it is held."""
        return 0 if self.ownership.owner is None else self.fail("EBUSY")

    def __aenter__(self) -> Coroutine[Any, Any, None]:
        return self._enter()

    def __aexit__(self, *_: object) -> Coroutine[Any, Any, object]:
        return self.unlock()

    # What condition variables need as well; none of these begins with a checkpoint.

    async def own(self) -> None:
        """Acquire it, if it takes for ever."""
        if not self.take(since=self.machine.now, met=None):
            await self.contend(None)

    async def contend(self, deadline: int | None) -> int:
        """Acquire it, which was not possible at once; waits, and retries when woken."""
        machine = self.machine
        thread = machine.current
        if self._again(thread):
            return 0
        ownership = self.ownership
        if ownership.owner is thread and self.kind == "errorcheck":
            return self.fail("EDEADLK")
        since = machine.now
        holder = ownership.owner
        met = None if holder is None else holder.name
        mode = MODE if deadline is None else BOUNDED
        machine.record("lock.wait", self.name, met, mode)
        while not self.take(since=since, met=met, mode=mode):
            if deadline is not None and machine.now >= deadline:
                return self.fail("ETIMEDOUT")
            try:
                reason = await self.queue.park("lock", holders=ownership.holders, deadline=deadline)
            except BaseException:
                # Left by a jump or by cancellation: a wake-up is for somebody else then.
                if ownership.owner is None and not machine.ended:
                    self.queue.wake()
                raise
            if reason == TIMEOUT and ownership.owner is not None:
                return self.fail("ETIMEDOUT")
        return 0

    def take(self, *, since: int, met: str | None, mode: str = MODE) -> bool:
        """Acquire it for the running thread if it is free; it was wanted since `since` ns."""
        machine = self.machine
        ownership = self.ownership
        if not ownership.acquire(machine.current):
            return False
        waited = machine.now - since
        machine.record("lock.acquire", self.name, waited, met is not None, met, mode)
        ownership.since = machine.events[-1]
        return True

    def give_up(self, thread: Thread) -> None:
        """Undo one lock of the owner; wake a waiter if it is free then."""
        ownership = self.ownership
        if ownership.count > 1:
            ownership.count -= 1
            return
        ownership.release(thread)
        self.machine.record("lock.release", self.name, MODE)
        if self.queue.waiters:
            self.queue.wake()

    def fail(self, error: str) -> int:
        """The number of an error, after recording that the call failed with it."""
        self.machine.record("lock.fail", self.name, error, MODE)
        return self.machine.service(Process).kernel.errno(error)

    def _again(self, thread: Thread) -> bool:
        """Whether this is a recursive mutex that its owner locks once more."""
        if self.kind != "recursive" or self.ownership.owner is not thread:
            return False
        self.ownership.count += 1
        return True

    async def _enter(self) -> None:
        # As `lock`, written out: a coroutine less on the way to every checkpoint.
        machine = self.machine
        ownership = self.ownership
        if ownership.owner is not None:
            machine.decided()
        failure = await machine.checkpoint("lock", self.name)
        if failure is None and ownership.acquire(machine.current):
            machine.record("lock.acquire", self.name, 0, False, None, MODE)
            ownership.since = machine.events[-1]
            return
        number = await self.contend(None) if failure is None else self.fail(failure)
        if number:
            name = machine.service(Process).kernel.errno_name(number)
            raise OSError(number, f"{name}: locking {self.name}")
