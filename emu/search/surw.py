"""SURW, the selectively uniform random walk: uniform where it matters, random elsewhere.

H. Zhao, D. Wolff, U. Mathur, A. Roychoudhury: Selectively Uniform Concurrency Testing,
ASPLOS 2025. Some events are interesting; their order is to be uniform. Who does the next of
them is drawn by the interesting events that each thread has left. Then threads are picked at
random; one that comes to an interesting event although another is to do the next is put off
until that has happened, or until everybody that could run is put off.

Where we depart:

- Interesting is, in each run, what is done to one thing. The thing is drawn by how often it
  was accessed in the runs before, among those that two threads came to. Where there is none,
  every event is interesting, which is URW.
- Who is next is drawn when the first thread comes to an interesting event, among those that
  can run: what waits cannot be next.
- What a thread begins with is known from the runs before.
- A thread that yields polls for others: it is no longer the one to wait for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emu.search.calibration import Calibration
from emu.search.draw import below, weighted
from emu.search.urw import UniformWalk

if TYPE_CHECKING:
    from emu.engine.thread import Thread

NOBODY = -1


class SelectiveWalk(UniformWalk):
    """Uniform over the orders of the accesses to one thing."""

    def __init__(self, seed: int, calibration: Calibration) -> None:
        super().__init__(seed, calibration)
        census = calibration.census
        self._target = self._drawn(census.contended)
        self._first = census.first
        if self._target:
            self._expected = census.expected(self._target)
            self.least = 0
        self._next = NOBODY
        self._put_off: list[int] = []

    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        """Any that is not put off."""
        if not self._target:
            return super().thread(step, runnable, here)
        self._account()
        while True:
            put_off = self._put_off
            options = [at for at, one in enumerate(runnable) if one.id not in put_off]
            if not options:
                self._release()
                continue
            option = options[below(self.rng, len(options))]
            thread = runnable[option]
            if self._interesting(thread):
                if self._next == NOBODY:
                    self._next = self._draw([runnable[at] for at in options])
                if self._next != thread.id:
                    put_off.append(thread.id)
                    continue
                self._release()
            return (option - here) % len(runnable)

    def spawned(self, parent: Thread, child: Thread) -> None:
        """`parent` has started `child`, which may be whom to wait for in its stead."""
        before = self._left[parent.id] if parent.id >= 0 else 0
        super().spawned(parent, child)
        if self._next == parent.id >= 0 and below(self.rng, max(1, before)) < self._left[child.id]:
            self._next = child.id

    def counted(self, target: str) -> bool:
        """Whether an event done to `target` is interesting."""
        return not self._target or target == self._target

    def yielded(self, thread: Thread) -> None:
        """A thread that polls is not waited for."""
        if self._next == thread.id:
            self._release()

    def _release(self) -> None:
        self._next = NOBODY
        self._put_off.clear()

    def _interesting(self, thread: Thread) -> bool:
        """Whether what `thread` is about to do is done to the thing."""
        if thread.operation == "start":
            return self._first.get(thread.name, ("", ""))[1] == self._target
        return thread.target == self._target

    def _draw(self, threads: list[Thread]) -> int:
        """Who does the next interesting event: by how many each has left."""
        left = self._left
        weights = [left[one.id] or int(self._interesting(one)) for one in threads]
        return threads[weighted(self.rng, weights)].id

    def _drawn(self, contended: tuple[tuple[str, int], ...]) -> str:
        if not contended:
            return ""
        return contended[weighted(self.rng, [count for _, count in contended])][0]
