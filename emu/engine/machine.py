"""Machine: one emulated process full of threads. A setup and a chooser make a history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from typing import Any, Final, NoReturn, Protocol, TypeVar, runtime_checkable

from trio.lowlevel import current_task, wait_task_rescheduled

from emu.engine import report
from emu.engine.carrier import Carriers
from emu.engine.chooser import Chooser
from emu.engine.clock import NEVER
from emu.engine.judge import judged
from emu.engine.life import Life
from emu.engine.scenario import Setup
from emu.engine.thread import Body, State, Thread, ThreadEnded
from emu.engine.units import UNITS, format_duration
from emu.engine.waitfor import find_cycle
from emu.engine.waitqueue import INTERRUPTED, WaitQueue
from emu.engine.watchdog import chain, overdue
from emu.errors import UsageError
from emu.record.finding import OK, UNKNOWN, Finding, Outcome, RunInfo
from emu.record.history import Ending, History
from emu.record.names import OF_OBJECTS, OF_THREADS, Names
from emu.record.place import place_of
from emu.record.tape import Deviation, Tape

EMU: Final = version("emu")

_KEPT: Final = frozenset({"__dict__", "ended", "findings", "info", "outcome", "setup", "step"})
"""What a machine still knows when its run is over."""

Service = TypeVar("Service")


@runtime_checkable
class LetsGo(Protocol):
    """A service that wants to know when its run is over and torn down."""

    def let_go(self) -> None:
        """Drop what refers back to this, or to the machine."""


class Machine(Life):
    """One run of one emulated process.

    A scenario gets it as its first argument. `spawn`, `now`, `choose`, `region` and `note`
    are plain; `sleep`, `checkpoint` and `yield_now` may switch threads.
    """

    # Slots, because no attributes are looked up more often; a scenario may add its own.
    __slots__ = (
        "__dict__",
        "_history",
        "_object_names",
        "_services",
        "_spawned",
        "_thread_names",
        "findings",
        "info",
        "outcome",
        "setup",
    )

    def __init__(
        self,
        setup: Setup,
        chooser: Chooser,
        carriers: Carriers,
        *,
        strategy: str = "quiet",
        seed: int = 0,
    ) -> None:
        super().__init__(chooser, carriers, setup.limits.steps)
        self.setup = setup
        self.info = RunInfo(
            scenario=setup.scenario.target,
            params=setup.params,
            chaos=setup.chaos.as_rows(),
            strategy=strategy,
            seed=seed,
            watchdog={name: getattr(setup.limits, name) for name in setup.limits.__slots__},
            emu=EMU,
        )
        self.real_limit = setup.limits.real
        self.outcome = Outcome(UNKNOWN, "the run has not ended")
        self.findings: tuple[Finding, ...] = ()
        self._thread_names = Names(OF_THREADS)
        self._object_names = Names(OF_OBJECTS)
        self._services: dict[Any, Any] = {}
        self._spawned: list[Callable[[Thread, Thread], None]] = []
        self._history: History | None = None
        self.chaos = setup.chaos.injector(self)

    # What a scenario uses.

    def spawn(self, body: Body, *args: Any, name: str = "") -> Thread:
        """A new thread that runs `body(*args)`; runnable at once, it does not run yet."""
        if self.ended:
            raise ThreadEnded
        limit = self.setup.limits.threads
        number = len(self.threads)
        if number >= limit:
            raise UsageError(
                f"spawn: this machine has {number} threads already; "
                f"allowed is watchdog.threads = {limit}"
            )
        thread = Thread(self, number, self._thread_names.own(name or f"T{number}"), body, args)
        self.threads.append(thread)
        self.alive += 1
        self.record("thread.spawn", thread.name, thread.name)
        for tell in self._spawned:
            tell(self.current, thread)
        self._enqueue(thread)
        return thread

    def own_name(self, wanted: str) -> str:
        """The name of a new object of this run: the second that wants to be `a` is `a~2`."""
        return self._object_names.own(wanted)

    def choose(self, options: int) -> int:
        """A choice of the scenario's own, from 0 to `options` - 1; 0 is the usual one."""
        if options < 1:
            raise UsageError(f"choose: {options!r} options; allowed is a whole number from 1")
        option = self.pick("user", options)
        self.record("choice", "", "user", options, option)
        return option

    async def sleep(self, seconds: float) -> None:
        """Let virtual time pass; a signal handler may run meanwhile, the sleep goes on after it."""
        if not seconds >= 0:
            raise UsageError(f"sleep: {seconds!r} seconds; allowed is a number from 0")
        await self.checkpoint("sleep", self.current.name)
        duration = round(seconds * UNITS["s"])
        self.record("thread.sleep", "", duration)
        until = self.now + duration
        while self.now < until:
            reason = await WaitQueue(self, "time").park("sleep", deadline=until)
            if reason != INTERRUPTED:
                break

    @contextmanager
    def region(self, name: str) -> Iterator[None]:
        """Name the stretch of code inside the block, for events and for chaos plans."""
        thread = self.current
        outer = thread.region
        thread.region = f"{outer}/{name}" if outer else name
        try:
            yield
        finally:
            self.current.region = outer  # another thread may carry the program on by now

    def note(self, text: str) -> None:
        """Write a remark of the scenario into the log."""
        self.record("note", "", text)

    def provide(self, kind: type[Service], service: Service) -> None:
        """Let `service(kind)` give this one from now on."""
        self._services[kind] = service

    def on_spawn(self, tell: Callable[[Thread, Thread], None]) -> None:
        """Have `tell(parent, child)` called for every thread from now on, before it may run."""
        self._spawned.append(tell)

    def find(self, kind: type[Service]) -> Service | None:
        """What `service(kind)` would give, unless that would make it."""
        return self._services.get(kind)

    def service(self, make: Callable[[Machine], Service]) -> Service:
        """The one `make(machine)` of this machine, made when first asked for."""
        if make not in self._services:
            self._services[make] = make(self)
        found: Service = self._services[make]
        return found

    # A run.

    async def run(self) -> History:
        """Run the scenario to its end; gives what it leaves behind."""
        self.host = current_task()
        body = partial(self.setup.scenario.function, self, **self.setup.params)
        main = self.spawn(body, name="main")
        main.elected = False  # nobody was asked about its first operation
        main.code = getattr(self.setup.scenario.function, "__code__", None)
        self.chooser.start(self)
        self.reckon()
        self._give(main)
        await wait_task_rescheduled(self.cancelled)
        self.chooser.finish(self)
        history = self._history
        assert history is not None
        checker = self.setup.scenario.checker
        if checker is not None and history.outcome.name == OK:
            history = judged(history, checker, self.real_limit)
            self.outcome, self.findings = history.outcome, history.findings
        self._let_go()
        return history

    def _let_go(self) -> None:
        """Drop what refers back to this machine, so that it is freed without a collector."""
        for thread in self.threads:
            thread.let_go()
        for service in self._services.values():
            if isinstance(service, LetsGo):
                service.let_go()
        vars(self).clear()
        for kind in type(self).__mro__:
            for name in getattr(kind, "__slots__", ()):
                if name not in _KEPT and hasattr(self, name):
                    delattr(self, name)

    def end(self, outcome: Outcome, *findings: Finding) -> None:
        """End the run; only the first call counts. The evidence was taken by the caller."""
        if self.ended:
            return
        self.ended = True
        self.alarm = 0
        self.outcome = outcome
        self.findings = findings
        tape = Tape(tuple(Deviation(*taken) for taken in self.deviations))
        ending = Ending(tape, outcome, findings, self.step, self.now)
        self._history = History(self.info, self.events, ending)
        self.events = []  # what unwinding does is no part of the history

    def exit(self, outcome: Outcome, *findings: Finding) -> NoReturn:
        """End the run from inside one of its threads."""
        self.end(outcome, *findings)
        raise ThreadEnded

    # What the baton asks of a machine.

    def idle(self) -> bool:
        """Nobody is runnable: jump to the next timer, or say who waits for ever."""
        limits = self.setup.limits
        current, self.current = self.current, self.nobody
        try:
            self.inject(self.nobody, "idle")
        finally:
            self.current = current
        if self.runnable or self.ended:
            return not self.ended
        timer = self.clock.next()
        late = overdue(self.threads, limits.lock_wait) if limits.lock_wait else None
        if late is not None and timer == NEVER and limits.silence and self._leaves(late[1]):
            self.end(*report.silent(self.threads))
        elif late is not None and late[0] <= timer:
            self.clock.reach(late[0], self.step)
            self.end(*report.stalled_on_lock(self.threads, late[1], limits.lock_wait))
        elif timer != NEVER:
            self.fire_timers(early=True)
        elif any(thread.suspended for thread in self.threads if thread.state is State.READY):
            sentence = "every thread that could run is stopped for ever"
            self.end(*report.stalled(self.threads, sentence))
        elif not limits.silence:
            self.end(Outcome(UNKNOWN, "no thread can run, and the watchdog for silence is off"))
        else:
            self.end(*report.silent(self.threads))
        return not self.ended

    def _leaves(self, waiter: Thread) -> bool:
        """Whether main is done, and who has the lock that `waiter` wants waits for no lock."""
        return self.threads[0].state is State.DONE and chain(waiter)[-1].what != "lock"

    def blocked(self, thread: Thread) -> None:
        """Look for the cycle that this thread's wait closes."""
        if not self.setup.limits.graph:
            return
        cycle = find_cycle(thread)
        if cycle:
            self.end(*report.deadlock(self.threads, cycle))

    def failed(self, thread: Thread, error: BaseException) -> None:
        """Turn an exception that a thread let out into an outcome."""
        self.end(*report.failed(self.threads, thread, error))

    def finished(self) -> None:
        """Every thread has ended."""
        self.end(Outcome(OK))

    def limit(self) -> None:
        """The run has used up its steps."""
        self.end(Outcome(UNKNOWN, f"the run used up its {self.max_steps} steps (watchdog.steps)"))

    def spun(self, thread: Thread, place: str) -> None:
        """Real time has run out while a thread ran without a checkpoint."""
        limit = format_duration(self.real_limit)
        self.end(
            Outcome(
                UNKNOWN,
                f"{thread.name} ran at {place} without a checkpoint for {limit} of real time "
                f"(watchdog.real)",
            )
        )

    def forgot(self, message: str) -> None:
        """A coroutine was dropped: an `await` is missing."""
        thread = self.current
        name = message.partition("'")[2].partition("'")[0]
        self.record("note", "", f"{name} was called without await")
        self.end(*report.forgot(thread, name, place_of(self.events[-1])))
