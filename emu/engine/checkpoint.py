"""The one trap: every yield of an emulated thread passes here. And the baton.

Exactly one emulated thread of a machine holds the baton and runs; every other is a parked
trio task. A thread gives the baton away only in `checkpoint`, `yield_now` and `park`, and
handing it over is `reschedule` and `wait_task_rescheduled`, nothing else. So a machine
needs no locking, and the order in which trio runs its tasks cannot matter.

A visible operation calls `checkpoint` *before* it takes effect, and takes effect without
yielding afterwards.
"""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from trio.lowlevel import reschedule

from emu.engine.carrier import GO, Carriers, abandon, carried, switch
from emu.engine.clock import NEVER
from emu.engine.recorder import Recorder
from emu.engine.thread import Interrupt, State, Thread, ThreadEnded
from emu.engine.waitqueue import INTERRUPTED, Wait
from emu.errors import UsageError

if TYPE_CHECKING:
    from emu.engine.chooser import Chooser
    from emu.engine.scenario import Injector

PATIENCE: Final = 1_000
"""How often a thread may swallow the end of its run before it is left where it is."""

_number: Final = attrgetter("id")


class Baton(Recorder):
    """The threads of one machine, and whose turn it is.

    `runnable` is in the order of the threads' numbers; `here` is the running thread's
    index in it. Before step `alarm` a checkpoint has nothing to do but count. `unasked` counts
    the steps that were no decision about who runs: `step` - `unasked` operations were decided.
    While timers are called, `charged` is the thread that was running, `nobody` if none could.
    A chooser that wants to know who came to do what sets `trail` to a list, which the attended
    checkpoints fill.
    """

    __slots__ = (
        "_swallowed",
        "alarm",
        "carriers",
        "chaos",
        "charged",
        "chooser",
        "deviations",
        "ended",
        "here",
        "max_steps",
        "nobody",
        "runnable",
        "special",
        "threads",
        "trail",
        "unasked",
    )

    nobody: Thread
    charged: Thread

    def __init__(self, chooser: Chooser, carriers: Carriers, max_steps: int) -> None:
        super().__init__()
        self.chooser = chooser
        self.carriers = carriers
        self.max_steps = max_steps
        self.chaos: Injector | None = None
        self.threads: list[Thread] = []
        self.runnable: list[Thread] = []
        self.here = 0
        self.deviations: list[tuple[int, str, int]] = []
        self.alarm = 0
        self.special = 0
        self.unasked = 0
        self.trail: list[tuple[Thread, str, str]] | None = None
        self.ended = False
        self._swallowed = 0

    # What a machine adds.

    def idle(self) -> bool:
        """Nobody is runnable: move time on; gives whether the run goes on."""
        raise NotImplementedError

    def blocked(self, thread: Thread) -> None:
        """`thread` has just blocked."""

    def limit(self) -> None:
        """The run has used up its steps."""
        raise NotImplementedError

    # The trap.

    async def checkpoint(self, operation: str = "checkpoint", target: str = "") -> str | None:
        """A point where this thread may be interrupted, preempted, or hit by chaos.

        `operation` is what it is about to do, `target` the name of the one thing that it
        does it to; without a name it may touch anything. Gives None, or the name of the
        error with which chaos wants `operation` to fail.
        """
        self.step = step = self.step + 1
        if step < self.alarm:
            return None
        if self.ended:
            await self._refuse()
        thread = self.current
        thread.operation = operation
        thread.target = target
        if self.trail is not None:
            self.trail.append((thread, operation, target))
        failure = None
        if step >= self.special:
            failure = self._act(step, operation)
            step = self.step
        runnable = self.runnable
        count = len(runnable)
        if thread.elected:
            thread.elected = False
            self.unasked += 1
            if thread.suspended:
                await self._switch(thread)
        elif thread.suspended:
            await self._switch(thread)
        elif count == 1:
            self.chooser.alone(step, thread)
        elif option := self.chooser.thread(step, runnable, self.here):
            self.deviations.append((step, "thread", option))
            self.here = here = (self.here + option) % count
            self._give(runnable[here])
            await switch
        if thread.pending:
            await self.attend()
        quiet = self.chooser.quiet_until
        self.alarm = quiet if quiet < self.special else self.special
        return failure

    async def yield_now(self) -> None:
        """A checkpoint that says: somebody else should run (`sched_yield`)."""
        thread = self.current
        self.decided()  # by the choice below
        await self.checkpoint("yield", thread.name)
        self.chooser.yielded(thread)
        if len(self.runnable) > 1:
            self.here = (self.here + 1) % len(self.runnable)
            await self._switch(thread)
            if thread.pending:
                await self.attend()
        else:
            self.unasked -= 1

    def decided(self) -> None:
        """The running thread cannot go on by itself: let its next checkpoint ask nobody."""
        thread = self.current
        if thread.elected:
            self.unasked += 1  # the decision that it runs came to nothing
        thread.elected = True
        self.alarm = 0

    def hold(self, thread: Thread, wait: Wait) -> None:
        """Block a thread that is runnable, but not running, where it stands."""
        index = bisect_left(self.runnable, thread.id, key=_number)
        del self.runnable[index]
        if index < self.here:
            self.here -= 1
        thread.state = State.BLOCKED
        thread.wait = wait
        wait.queue.waiters.append(thread)
        self.blocked(thread)

    async def park(self, thread: Thread) -> str:
        """Block `thread`, which is running and has set its `wait`; gives why it was woken."""
        thread.state = State.BLOCKED
        if not thread.suspended:
            del self.runnable[self.here]
        self.blocked(thread)
        await self._switch(thread)
        thread.wait = None
        reason = thread.woken
        if thread.pending:
            await self.attend()
        return reason

    async def attend(self) -> None:
        """Run the pending interrupts of the current thread, in place."""
        while self.current.pending:
            await self.current.take()()

    # Who may run.

    def unpark(self, thread: Thread, reason: str) -> None:
        """Make a blocked thread runnable: its wait ends with `reason`."""
        if thread.state is not State.BLOCKED:
            return
        assert thread.wait is not None
        thread.wait.queue.waiters.remove(thread)
        thread.woken = reason
        thread.state = State.READY
        if not thread.suspended:
            self._enqueue(thread)

    def interrupt(self, thread: Thread, interrupt: Interrupt) -> None:
        """Let `thread` run `interrupt` at its next checkpoint; ends its wait if that may be."""
        thread.post(interrupt)
        if thread is self.current:
            self.alarm = 0
        elif thread.wait is not None and thread.wait.interruptible:
            self.unpark(thread, INTERRUPTED)

    def suspend(self, thread: Thread) -> None:
        """Keep a thread from running until `resume` was called as often."""
        thread.suspended += 1
        if thread.suspended == 1 and thread.state is State.READY:
            index = bisect_left(self.runnable, thread.id, key=_number)
            del self.runnable[index]
            if index < self.here:
                self.here -= 1
        self.alarm = 0

    def resume(self, thread: Thread) -> None:
        """Undo one `suspend`."""
        thread.suspended -= 1
        if thread.suspended == 0 and thread.state is State.READY:
            self._enqueue(thread)

    def pick(self, kind: str, options: int) -> int:
        """Ask for a choice of its own step: an option from 0 to `options` - 1."""
        if options < 2:
            return 0
        self.step = step = self.step + 1
        self.unasked += 1
        option = self.chooser.pick(step, kind, options)
        if option:
            self.deviations.append((step, kind, option))
        return option

    def reckon(self) -> None:
        """When a checkpoint next has more to do than to ask who runs."""
        timers = len(self.clock)
        self.special = min(
            self.max_steps,
            self.clock.due_step() if timers else NEVER,
            self.chooser.timer_step if timers else NEVER,
            0 if self.chaos is not None and self.chaos.active else NEVER,
        )
        self.alarm = 0

    def fire_timers(self, *, early: bool) -> None:
        """Call the timers that are due; `early` moves time to the next one first."""
        current, self.current = self.current, self.nobody
        self.charged = current if self.runnable else self.nobody
        try:
            if early:
                self.clock.jump(self.step)
            self.clock.fire(self.now)
        finally:
            self.current = current
            self.here = bisect_left(self.runnable, current.id, key=_number)

    def inject(self, thread: Thread, operation: str) -> str | None:
        """Let chaos act on `thread` at `operation`, if it may and the chooser says so."""
        chaos = self.chaos
        if chaos is None or not (entries := chaos.sites(thread, operation)):
            return None
        option = self.chooser.chaos(self.step, entries)
        if not option:
            return None
        self.deviations.append((self.step, "chaos", option))
        failure = chaos.inject(entries[option - 1], thread, operation)
        self.reckon()
        return failure

    def _act(self, step: int, operation: str) -> str | None:
        if step >= self.max_steps:
            self.limit()
            raise ThreadEnded
        failure = self.inject(self.current, operation)
        step = self.step
        if step >= self.chooser.timer_step and len(self.clock) and self.chooser.timer(step):
            self.deviations.append((step, "timer", 1))
            self._hurry()
        elif self.clock.next() <= self.now:
            self.fire_timers(early=False)
        if self.ended:
            raise ThreadEnded
        self.reckon()
        return failure

    def _hurry(self) -> None:
        """Let the next timer fire by a choice; the time that skips is nobody's fault."""
        before = self.clock.offset
        self.fire_timers(early=True)
        skipped = self.clock.offset - before
        for thread in self.threads:
            if thread.wait is not None:
                thread.wait.excused += skipped

    def _enqueue(self, thread: Thread) -> None:
        runnable = self.runnable
        index = bisect_left(runnable, thread.id, key=_number)
        runnable.insert(index, thread)
        if thread.id < self.current.id:
            self.here += 1
        self.alarm = 0

    # Handing over.

    def _give(self, thread: Thread) -> None:
        self.current = thread
        if thread.task is None:
            self.alarm = 0
            self.carriers.start(thread)
        else:
            reschedule(thread.task, GO)

    async def _switch(self, thread: Thread) -> None:
        """Give the baton away, by a choice, and come back when it is this thread's again."""
        chosen = self._elect()
        if chosen is None:
            raise ThreadEnded
        if chosen is thread:
            self.current = thread
            return
        self._give(chosen)
        await switch

    def _elect(self) -> Thread | None:
        """Who runs next when the running thread cannot; None if the run has ended."""
        self.step += 1
        while not self.runnable:
            if self.step >= self.max_steps and not self.ended:
                self.limit()
            if self.ended or not self.idle():
                self.unasked += 1
                return None
            self.step += 1  # so that no two choices of one kind share a step
            self.unasked += 1
        if self.ended:
            return None
        count = len(self.runnable)
        here = self.here if self.here < count else 0
        option = 0
        if count > 1:
            option = self.chooser.thread(self.step, self.runnable, here)
        else:
            self.chooser.alone(self.step, self.runnable[0])
        if option:
            self.deviations.append((self.step, "thread", option))
        self.here = (here + option) % count
        self.alarm = 0
        return self.runnable[self.here]

    async def _refuse(self) -> None:
        """Raise, because the run has ended; leave a thread that goes on swallowing that."""
        self._swallowed += 1
        if self._swallowed > PATIENCE:
            await abandon
        raise ThreadEnded


async def checkpoint(operation: str = "checkpoint", target: str = "") -> str | None:
    """A checkpoint of the machine whose thread this is; see `Baton.checkpoint`."""
    machine = carried.get(None)
    if machine is None:
        raise UsageError("checkpoint() was called outside an emulated thread")
    return await machine.checkpoint(operation, target)
