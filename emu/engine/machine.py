"""Machine: one emulated process full of threads. A setup and a chooser make a history."""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from typing import Any, Final, NoReturn, TypeVar

from trio.lowlevel import current_task, wait_task_rescheduled

from emu.engine.carrier import Carriers, ForeignAwait
from emu.engine.chooser import Chooser
from emu.engine.clock import NEVER
from emu.engine.life import Life
from emu.engine.recorder import is_internal
from emu.engine.scenario import Setup
from emu.engine.thread import Body, Panic, State, Thread, ThreadEnded
from emu.engine.units import UNITS, format_duration
from emu.engine.waitfor import blocked, find_cycle
from emu.engine.waitqueue import INTERRUPTED, WaitQueue
from emu.engine.watchdog import chain, overdue
from emu.errors import UsageError
from emu.record.finding import OK, UNKNOWN, Blocked, Finding, Outcome, RunInfo
from emu.record.history import Ending, History
from emu.record.place import Place, parse_place, place_at, place_of
from emu.record.tape import Deviation, Tape

EMU: Final = version("emu")

_KEPT: Final = frozenset({"ended", "findings", "info", "outcome", "setup", "step"})
"""What a machine still knows when its run is over."""

Service = TypeVar("Service")


class Machine(Life):
    """One run of one emulated process.

    A scenario gets it as its first argument. `spawn`, `now`, `choose`, `region` and `note`
    are plain; `sleep`, `checkpoint` and `yield_now` may switch threads.
    """

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
        self._names: dict[str, int] = {}
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
        thread = Thread(self, number, self._thread_name(name, number), body, args)
        self.threads.append(thread)
        self.alive += 1
        self.record("thread.spawn", thread.name, thread.name)
        for tell in self._spawned:
            tell(self.current, thread)
        self._enqueue(thread)
        return thread

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
        await self.checkpoint("sleep")
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
        main.code = getattr(self.setup.scenario.function, "__code__", None)
        self.chooser.start(self)
        self.reckon()
        self._give(main)
        await wait_task_rescheduled(self.cancelled)
        self.chooser.finish(self)
        history = self._history
        assert history is not None
        self._let_go()
        return history

    def _let_go(self) -> None:
        """Drop what refers back to this machine, so that it is freed without a collector."""
        for thread in self.threads:
            thread.let_go()
        for name in list(vars(self)):
            if name not in _KEPT:
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
        if late is not None and late[0] <= timer:
            self.clock.reach(late[0], self.step)
            self._stalled_on_lock(late[1])
        elif timer != NEVER:
            self.fire_timers(early=True)
        elif any(thread.suspended for thread in self.threads if thread.state is State.READY):
            self._stalled("every thread that could run is stopped for ever")
        elif not limits.silence:
            self.end(Outcome(UNKNOWN, "no thread can run, and the watchdog for silence is off"))
        else:
            self._silent()
        return not self.ended

    def blocked(self, thread: Thread) -> None:
        """Look for the cycle that this thread's wait closes."""
        if not self.setup.limits.graph:
            return
        cycle = find_cycle(thread)
        if cycle:
            found = {one.thread: one for one in blocked(self.threads)}
            links = _rotate([found.pop(member.name) for member in cycle])
            self._end_with("deadlock", _cycle_sentence(links), links, tuple(found.values()))

    def failed(self, thread: Thread, error: BaseException) -> None:
        """Turn an exception that a thread let out into an outcome."""
        place = _raised_at(error)
        kind, text = _classify(error)
        where = parse_place(place)
        sentence = f"{thread.name}: {text}" + (f" at {where.file}:{where.line}" if where else "")
        finding = Finding(
            kind,
            sentence,
            functions=(where.function,) if where else (),
            threads=(thread.name,),
            regions=(thread.region,) if thread.region else (),
            blocked=blocked(self.threads),
            trace=_trace(error),
        )
        self.end(Outcome(kind, sentence), finding)

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
        place = parse_place(place_of(self.events[-1]))
        where = f" near {place.file}:{place.line}" if place else ""
        sentence = f"{thread.name}: {name} was called without `await`{where}"
        functions = (place.function,) if place else ()
        finding = Finding("crash", sentence, functions=functions, threads=(thread.name,))
        self.end(Outcome("crash", sentence), finding)

    # Reports.

    def _stalled_on_lock(self, thread: Thread) -> None:
        limit = self.setup.limits.lock_wait
        links = chain(thread)
        sentence = (
            f"{thread.name} has waited for {links[0].waits_for} for {format_duration(limit)}, "
            f"the limit for a lock"
        )
        names = {one.thread for one in links}
        others = tuple(one for one in blocked(self.threads) if one.thread not in names)
        self._end_with("stalled", sentence, links, others)

    def _silent(self) -> None:
        waiting = list(blocked(self.threads))
        names = ", ".join(f"{one.thread} waits for {one.waits_for}" for one in waiting)
        if self.threads[0].state is State.DONE:
            self._end_with("leak", f"the main thread is done, and for ever {names}", waiting)
        else:
            self._stalled(f"no thread can ever run again: {names}")

    def _stalled(self, sentence: str) -> None:
        self._end_with("stalled", sentence, list(blocked(self.threads)))

    def _end_with(
        self,
        kind: str,
        sentence: str,
        links: list[Blocked],
        others: tuple[Blocked, ...] = (),
    ) -> None:
        places = [place for one in links if (place := parse_place(one.at)) is not None]
        regions = dict.fromkeys(
            thread.region
            for thread in self.threads
            if thread.region and any(one.thread == thread.name for one in links)
        )
        finding = Finding(
            kind,
            sentence,
            objects=tuple(dict.fromkeys(one.waits_for for one in links)),
            functions=tuple(dict.fromkeys(place.function for place in places)),
            threads=tuple(one.thread for one in links),
            regions=tuple(regions),
            cycle=tuple(links) if kind != "leak" else (),
            blocked=others if kind != "leak" else tuple(links),
        )
        self.end(Outcome(kind, sentence), finding)

    def _thread_name(self, name: str, number: int) -> str:
        wanted = name or f"T{number}"
        taken = self._names[wanted] = self._names.get(wanted, 0) + 1
        return wanted if taken == 1 else f"{wanted}#{taken}"


def _rotate(links: list[Blocked]) -> list[Blocked]:
    """A cycle has no beginning: let it begin with the smallest name, so that equal ones are."""
    keys = [(one.waits_for, one.at, one.thread) for one in links]
    first = keys.index(min(keys))
    return links[first:] + links[:first]


def _cycle_sentence(links: list[Blocked]) -> str:
    if len(links) == 1:
        one = links[0]
        return f"{one.thread} waits for {one.waits_for}, which it holds itself"
    waits = ", ".join(f"{one.thread} waits for {one.waits_for}" for one in links)
    return f"{waits}: each held by the next"


def _classify(error: BaseException) -> tuple[str, str]:
    text = str(error)
    if isinstance(error, AssertionError):
        named = f"the assertion {text!r}" if text else "an assertion"
        return "assertion", f"{named} does not hold"
    if isinstance(error, Panic):
        return "panic", f"panic: {text}"
    if isinstance(error, ForeignAwait):
        return "crash", "awaited something that is not emu's"
    if isinstance(error, UsageError):
        return "crash", text
    return "crash", f"{type(error).__name__}: {text}"


def _raised_at(error: BaseException) -> str:
    """The innermost place of the program in an exception's traceback."""
    places = [place for place, _ in _program(error)]
    return str(places[-1]) if places else ""


def _trace(error: BaseException) -> tuple[str, ...]:
    lines = (f"{at.file}:{at.line} in {at.function}: {text}" for at, text in _program(error))
    return tuple(dict.fromkeys(lines))  # where Python versions differ, a place stands twice


def _program(error: BaseException) -> Iterator[tuple[Place, str]]:
    """Each place of the program in an exception's traceback, with its line of source."""
    for frame, line in traceback.walk_tb(error.__traceback__):
        name = frame.f_code.co_filename
        if _is_program(name):
            place = place_at(frame.f_code, line)
            yield place, linecache.getline(name, place.line).strip()


def _is_program(filename: str) -> bool:
    return not is_internal(filename) and "/trio/" not in filename.replace("\\", "/")
