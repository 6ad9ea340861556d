"""Process: what the threads of one emulated process share, and its system calls by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, NoReturn

from emu.engine.machine import Machine
from emu.engine.report import inside
from emu.engine.thread import Body, State, Thread, ThreadEnded
from emu.errors import UsageError
from emu.posix import action, altstack, itimer, jump, masks, sending, sleeping, timers, waiting
from emu.posix.delivery import deliver, force
from emu.posix.kernel import Default, Kernel, Targeting
from emu.posix.linux import LINUX
from emu.posix.pending import Pending
from emu.posix.siginfo import SigInfo
from emu.posix.sigset import Signal
from emu.posix.thread_signals import ThreadSignals
from emu.record.finding import OK, Finding, Outcome
from emu.record.place import parse_place, place_of

POINTS: Final = frozenset(
    {
        "pause",
        "sigsuspend",
        "sigwait",
        "sigwaitinfo",
        "sigtimedwait",
        "nanosleep",
        "clock_nanosleep",
        "read",
        "write",
        "recv",
        "poll",
        "epoll_wait",
    }
)
"""The system calls at which a cancelled thread ends, even where they would not wait."""


class Process:
    """One process on a kernel: `machine.service(Process)` gives it, or makes one on Linux.

    Sizes are in bytes. `thread_limit` is how many threads may live at once, `queue_limit`
    how many signals may be queued. `output` holds what the process has written.
    """

    def __init__(
        self,
        machine: Machine,
        kernel: Kernel = LINUX,
        *,
        targeting: Targeting | None = None,
        queue_limit: int | None = None,
        thread_limit: int | None = None,
        min_stack: int | None = None,
        frame_size: int | None = None,
    ) -> None:
        if machine.find(Process) is not None:
            raise UsageError("this machine has a process; make a Process before its locks")
        self.machine = machine
        self.kernel = kernel
        self.targeting: Targeting = targeting or kernel.targeting
        self.queue_limit = kernel.queue_limit if queue_limit is None else queue_limit
        self.thread_limit = kernel.thread_limit if thread_limit is None else thread_limit
        self.min_stack = kernel.min_stack if min_stack is None else min_stack
        self.frame_size = kernel.frame_size if frame_size is None else frame_size
        self.pid = 1000
        self.dispositions = action.Dispositions(kernel)
        self.pending = Pending(kernel)
        self.timers = itimer.Timers(kernel)
        self.stopped: list[Thread] = []
        self.last_target = 0
        self.output: list[str] = []
        self.exit_hooks: list[Callable[[], object]] = []
        self.at_cancellation_point: Callable[[Machine], None] | None = None
        self._signals: dict[int, ThreadSignals] = {}
        machine.provide(Process, self)
        machine.on_spawn(self._inherit)

    sigaction = action.sigaction
    signal = action.signal_
    sigsetjmp = jump.sigsetjmp
    siglongjmp = jump.siglongjmp
    sigaltstack = altstack.sigaltstack
    sigprocmask = masks.sigprocmask
    pthread_sigmask = masks.pthread_sigmask
    sigpending = masks.sigpending
    kill = sending.kill
    raise_ = sending.raise_
    thr_kill = sending.thr_kill
    pthread_kill = sending.pthread_kill
    sigqueue = sending.sigqueue
    post = sending.post
    pause = waiting.pause
    sigsuspend = waiting.sigsuspend
    sigwait = waiting.sigwait
    sigwaitinfo = waiting.sigwaitinfo
    sigtimedwait = waiting.sigtimedwait
    nanosleep = sleeping.nanosleep
    clock_nanosleep = sleeping.clock_nanosleep
    setitimer = itimer.setitimer
    getitimer = itimer.getitimer
    alarm = itimer.alarm
    timer_create = timers.timer_create
    timer_settime = timers.timer_settime
    timer_getoverrun = timers.timer_getoverrun

    # What every call needs.

    async def enter(self, call: str, target: str = "") -> None:
        """The checkpoint of a system call; raises the `OSError` that chaos wants, if any."""
        failure = await self.machine.checkpoint(call, target)
        if failure is not None:
            raise self.fails(call, failure, "injected")
        if call in POINTS:
            self.cancellation_point()

    async def to_user_mode(self) -> None:
        """The way back from a system call: handlers run first; a dead process does not return."""
        if self.machine.ended:
            raise ThreadEnded
        await self.machine.attend()

    def cancellation_point(self) -> None:
        """Act upon a cancellation that the running thread was asked for, if there is one."""
        if self.at_cancellation_point is not None:
            self.at_cancellation_point(self.machine)

    def fails(self, call: str, error: str, text: str) -> OSError:
        """The exception with which `call` is to fail; the failure is an event."""
        self.machine.record("syscall", "", call, -1, error)
        return self.kernel.error(error, text)

    # Signal state.

    def signals(self, thread: Thread) -> ThreadSignals:
        """The signal state of a thread."""
        found = self._signals.get(thread.id)
        return self._born(thread, None) if found is None else found

    def all_signals(self) -> Iterator[ThreadSignals]:
        """The signal states of the threads that live, in the order of their numbers."""
        for thread in self.machine.threads:
            if thread.state is not State.DONE:
                yield self.signals(thread)

    def deliverable(self, signals: ThreadSignals) -> bool:
        """Whether the thread has a signal to take now."""
        return bool((signals.pending.bits | self.pending.bits) & ~signals.mask.bits)

    def notify(self, thread: Thread) -> None:
        """Have a thread look for signals to take, as soon as it runs; ends its wait."""
        signals = self.signals(thread)
        if not signals.notified:
            signals.notified = True
            self.machine.interrupt(thread, partial(deliver, self, signals))

    def discard(self, number: int) -> None:
        """Forget every pending instance of a signal, of the process and of every thread."""
        found = self.pending.discard(number)
        for signals in self.all_signals():
            found = signals.pending.discard(number) or found
        if found:
            self.machine.record("signal.drop", "", self.kernel.signal_name(number), "discarded")

    def queued(self) -> int:
        """How many instances of signals are queued in the whole process."""
        return self.pending.count() + sum(one.pending.count() for one in self.all_signals())

    def took(self, info: SigInfo) -> None:
        """A thread has taken a signal out of a pending set."""
        self.timers.taken(self, info.number)

    def _inherit(self, parent: Thread, child: Thread) -> None:
        self._born(child, parent)

    def _born(self, thread: Thread, parent: Thread | None) -> ThreadSignals:
        kernel = self.kernel
        inherits = parent is not None and parent.id >= 0
        mask = self.signals(parent).mask if parent is not None and inherits else kernel.empty()
        # Only the first thread's record is in a state that the kernel does not take back.
        flags = kernel.stack_flags["SS_DISABLE"] if thread.id > 0 else 0
        signals = ThreadSignals(thread, kernel, mask, altstack.AltStack(0, 0, flags))
        self._signals[thread.id] = signals
        return signals

    # Faults.

    async def fault(self, signal: Signal, address: int, code: int | str) -> None:
        """The running thread faults here. Returns when its handler did: try again then.

        A fault that is blocked, ignored or not caught kills the process.
        """
        kernel = self.kernel
        number = kernel.number(signal)
        info = SigInfo(
            kernel.signal_name(number), number, kernel.code(code), address, synchronous=True
        )
        self.machine.record("fault", "", info.signal, address, info.code)
        await force(self, self.signals(self.machine.current), info)

    def fault_later(self, thread: Thread, signal: Signal, address: int, code: int | str) -> None:
        """Let `thread` fault at its next checkpoint, or at the one it is in."""
        self.machine.interrupt(thread, partial(self.fault, signal, address, code))

    # Threads and the end.

    async def thr_new(self, body: Body, *args: Any, name: str = "") -> Thread:
        """A new thread with the caller's mask. Raises the kernel's error at `thread_limit`."""
        await self.enter("thr_new")
        living = sum(thread.state is not State.DONE for thread in self.machine.threads)
        if living >= self.thread_limit:
            raise self.fails("thr_new", self.kernel.thread_limit_error, f"{living} threads live")
        thread = self.machine.spawn(body, *args, name=name)
        self.machine.record("syscall", thread.name, "thr_new", 0, None)
        return thread

    def write(self, text: str) -> None:
        """Write to standard error: an event, and a line of `output`."""
        self.output.append(text)
        self.machine.record("print", "", text)

    def exit(self, status: int) -> NoReturn:
        """End the process with an exit status; 0 is the outcome `ok`."""
        machine = self.machine
        for hook in reversed(self.exit_hooks):
            hook()
        machine.record("process.exit", "", status)
        if status == 0:
            machine.exit(Outcome(OK, "the process exited with status 0"))
        name = f"exit {status}"
        sentence = f"{machine.current.name} exited with status {status}"
        machine.exit(Outcome(name, sentence), self._finding(name, sentence))

    def killed(self, signal: Signal) -> None:
        """End the process by a signal: no thread runs any more."""
        machine = self.machine
        number = self.kernel.number(signal)
        signal_name = self.kernel.signal_name(number)
        core = self.kernel.default(number) is Default.CORE
        machine.record("process.kill", "", signal_name, core)
        name = f"killed {signal_name}"
        who = machine.current.name
        sentence = f"the process was killed by {signal_name}" + (f" in {who}" if who else "")
        machine.end(Outcome(name, sentence), self._finding(name, sentence))

    def _finding(self, kind: str, sentence: str) -> Finding:
        machine = self.machine
        threads, regions = inside(machine.threads, machine.current)
        place = parse_place(place_of(machine.events[-1]))
        return Finding(
            kind,
            sentence,
            functions=(place.function,) if place else (),
            threads=threads,
            regions=regions,
            trace=tuple(self.output),
        )


async def _nothing() -> None:
    raise ThreadEnded
