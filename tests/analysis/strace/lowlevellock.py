"""A model of threads on glibc's low-level locks, of the kernel's futexes, and of strace.

Each step is one instruction or one entry into the kernel, so between any two of them another
thread may run. What the threads really hold is known, and so is what strace would write.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass, field
from random import Random

from tests.analysis.strace.traces import THREAD

FIRST = 100
"""The number of the process; its other threads have the numbers after it."""


@dataclass
class Hold:
    """What is true: a thread has a lock from one step to another."""

    thread: int
    lock: int
    acquired: int
    released: int | None = None


@dataclass
class Model:
    """Threads that each lock and unlock, nested, `rounds` times; `lines` is the trace.

    They do so in any order, which may end in a deadlock, or each time in that of the locks.

    `steps` has the step of each line, `tried` who had the lock when a line said that it is waited
    for, `nested` each thread with a lock that it had and one that it asked for. With `windows`,
    others may run between the instruction and the call that belong together.
    """

    random: Random
    threads: int = 3
    locks: int = 2
    rounds: int = 4
    windows: bool = False
    ordered: bool = False
    lines: list[str] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    tried: dict[int, int] = field(default_factory=dict)
    nested: set[tuple[int, int, int]] = field(default_factory=set)
    step: int = 0

    def __post_init__(self) -> None:
        self._words = [0] * self.locks
        self._queues: list[deque[int]] = [deque() for _ in range(self.locks)]
        self._blocked: set[int] = set()
        self._held: dict[int, Hold] = {}
        self._write(FIRST, 'execve("/bin/model", ["model"], 0x7f /* 0 vars */) = 0')
        running = {}
        for tid in range(FIRST + 1, FIRST + 1 + self.threads):
            self._write(FIRST, THREAD.format(word=tid << 16, tid=tid))
            running[tid] = self._thread(tid)
        while running:
            ready = [tid for tid in running if tid not in self._blocked]
            if not ready:
                return  # a deadlock
            self.step += 1
            tid = self.random.choice(ready)
            try:
                next(running[tid])
            except StopIteration:
                del running[tid]

    def _write(self, tid: int, what: str) -> None:
        self.lines.append(f"{tid} {what}")
        self.steps.append(self.step)

    def _thread(self, tid: int) -> Generator[None]:
        for _ in range(self.rounds):
            order = self.random.sample(range(self.locks), self.random.randint(1, self.locks))
            if self.ordered:
                order.sort()
            for lock in order:
                mine = (held for held, hold in self._held.items() if hold.thread == tid)
                self.nested |= {(tid, held, lock) for held in mine}
                yield from self._lock(tid, lock)
                if self.random.random() < 1 / 2:
                    self._write(tid, 'write(1, "x", 1) = 1')
                yield
            for lock in reversed(order):
                yield from self._unlock(tid, lock)
        self._write(tid, "exit(0) = ?")
        self._write(tid, "+++ exited with 0 +++")

    def _lock(self, tid: int, lock: int) -> Generator[None]:
        if self._words[lock] == 0:
            self._words[lock] = 1
            self._acquired(tid, lock)
            yield
            return
        yield
        while True:
            found, self._words[lock] = self._words[lock], 2
            if found == 0:
                self._acquired(tid, lock)
                yield
                return
            holder = self._held[lock].thread
            if self.windows:
                yield
            self.tried[len(self.lines) + 1] = holder
            self._write(tid, f"futex({lock + 16:#x}, FUTEX_WAIT_PRIVATE, 2, NULL <unfinished ...>")
            yield
            if self._words[lock] == 2:
                self._queues[lock].append(tid)
                self._blocked.add(tid)
                yield
                self._write(tid, "<... futex resumed>) = 0")
            else:
                self._write(tid, "<... futex resumed>) = -1 EAGAIN (Try again)")
            yield

    def _unlock(self, tid: int, lock: int) -> Generator[None]:
        found, self._words[lock] = self._words[lock], 0
        self._held.pop(lock).released = self.step
        if found == 2:
            if self.windows:
                yield
            self._write(tid, f"futex({lock + 16:#x}, FUTEX_WAKE_PRIVATE, 1 <unfinished ...>")
            yield
            woken = 0
            if self._queues[lock]:
                self._blocked.discard(self._queues[lock].popleft())
                woken = 1
            self._write(tid, f"<... futex resumed>) = {woken}")
        yield

    def _acquired(self, tid: int, lock: int) -> None:
        assert lock not in self._held
        self._held[lock] = Hold(tid, lock, self.step)
        self.holds.append(self._held[lock])
