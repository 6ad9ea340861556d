"""The life of a thread on its carrier: how it begins, ends, and is unwound."""

from __future__ import annotations

from collections.abc import Awaitable, Coroutine
from typing import TYPE_CHECKING, Any

import trio
from outcome import Error
from trio.lowlevel import Abort, reschedule

from emu.engine.checkpoint import Baton
from emu.engine.thread import Spinning, State, Thread, ThreadEnded
from emu.errors import UsageError

if TYPE_CHECKING:
    from emu.engine.carrier import Carriers
    from emu.engine.chooser import Chooser


class Life(Baton):
    """A baton whose threads begin and end. `host` is the task that waits for the run."""

    __slots__ = ("_given_up", "_unwound", "alive", "host", "real_limit")

    host: trio.lowlevel.Task
    real_limit: int

    def __init__(self, chooser: Chooser, carriers: Carriers, max_steps: int) -> None:
        super().__init__(chooser, carriers, max_steps)
        self.current = self.charged = self.nobody = Thread(self, -1, "", _nothing, ())
        self.alive = 0
        self._unwound = 0
        self._given_up = False

    # What a machine adds.

    def failed(self, thread: Thread, error: BaseException) -> None:
        """`thread` has let an exception out."""
        raise NotImplementedError

    def finished(self) -> None:
        """The last thread has ended."""
        raise NotImplementedError

    def spun(self, thread: Thread, place: str) -> None:
        """`thread` ran for too long at `place` without a checkpoint."""
        raise NotImplementedError

    def forgot(self, message: str) -> None:
        """The running thread dropped a coroutine without awaiting it."""
        raise NotImplementedError

    # What a carrier asks, in this order: begin; returned or raised; retire.

    def begin(self, thread: Thread) -> Coroutine[Any, Any, Any]:
        """The body of `thread`, about to run."""
        self._record("thread.start", thread)
        try:
            body = thread.body(*thread.args)
        except Exception as error:
            return _raising(error)
        if thread.pending or not isinstance(body, Coroutine):
            return self._attended(thread, body)
        return body

    async def _attended(self, thread: Thread, body: Awaitable[Any]) -> Any:
        if not isinstance(body, Awaitable):
            raise UsageError("its function is not an `async def`")
        if thread.pending:
            await self.attend()
        return await body

    def returned(self, thread: Thread, result: object) -> None:
        """The body has come to its end."""
        thread.result = result
        self._record("thread.end", thread, _plain(result))

    def raised(self, thread: Thread, error: BaseException) -> None:
        """The body has let an exception out; raises what is none of the run's business."""
        if isinstance(error, (KeyboardInterrupt, trio.Cancelled, GeneratorExit)):
            self.ended = self._given_up = True
            raise error
        if isinstance(error, Spinning):
            self.spun(thread, str(error))
        elif not isinstance(error, ThreadEnded) and not self.ended:
            self.failed(thread, error)

    def retire(self, thread: Thread) -> Thread | None:
        """`thread` is done; gives a new thread that its carrier is to carry next, if any."""
        for owned in thread.holds:
            owned.leave()
        thread.task = None
        was, thread.state = thread.state, State.DONE
        self.alive -= 1
        if not self.ended:
            if thread.elected:
                self.unasked += 1  # the decision that it runs came to nothing
            if was is State.READY and not thread.suspended:
                del self.runnable[self.here]
            if thread.joiners is not None:
                thread.joiners.wake_all()
            if not self.alive:
                self.finished()
            elif (chosen := self._elect()) is not None:
                if chosen.task is None:
                    self.current = chosen
                    return chosen
                self._give(chosen)
                return None
        self._unwind()
        return None

    def _unwind(self) -> None:
        """The run has ended: unwind the next parked thread, or else tell the host."""
        if self._given_up:
            return
        while self._unwound < len(self.threads):
            thread = self.threads[self._unwound]
            if thread.task is not None:
                self.current = thread
                self._swallowed = 0
                reschedule(thread.task, Error(ThreadEnded()))
                return
            self._unwound += 1
        reschedule(self.host)

    def cancelled(self, _: object) -> Abort:
        """The wait of a carrier or of the host is cancelled: nobody asks for this run's end."""
        self.ended = self._given_up = True
        self.alarm = 0
        return Abort.SUCCEEDED

    def _record(self, kind: str, thread: Thread, *values: object) -> None:
        name = thread.name
        where = (thread.code, 0, thread.region, values)
        self.events.append((kind, self.step, self.now, name, thread.depth, name, *where))


async def _nothing() -> None:
    """The body of nobody, who never runs."""


async def _raising(error: Exception) -> None:
    raise error


def _plain(value: object) -> object:
    return value if isinstance(value, (str, int, bool, type(None))) else repr(type(value).__name__)
