"""Predictions: what passing runs show to be possible, one for each deadlock, with evidence.

A prediction is *certain* when another order of the run's own operations gets there, so that
its schedule is known; otherwise it is *possible*. It needs a *signal* when a handler has to
come where no run had one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, NamedTuple

from emu.analysis.predict.acquires import Acquire, Cycle, abstract_acquires
from emu.analysis.predict.evidence import Scribe, Waits
from emu.analysis.predict.goodlock import Span, shown
from emu.analysis.predict.signals import Asking, Expansion, Handlers, SelfDeadlock
from emu.analysis.predict.syncpreserving import Deadlock, sync_preserving
from emu.analysis.predict.trace import trace_of
from emu.analysis.predict.wakeups import Wakeup, Wakeups
from emu.record.logs import Logged
from emu.record.names import shared_name
from emu.record.place import parse_place

Grade = Literal["certain", "possible"]
"""How sure it is, the surest first, in alphabetical order."""

DELIVER: Final = "signal.deliver"
"""The event with which a handler comes to run."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """A deadlock that no run had: each thread of it waits for the next, the last for the first.

    `runs` is in how many of the program's runs it was seen, `of` how many these are, `run` the
    first of them. `schedule` holds the numbers of the events after which all of them wait, in
    that run, if it is certain.
    """

    grade: Grade
    waits: tuple[Waits, ...]
    run: Logged = field(repr=False)
    runs: int = 1
    of: int = 1
    schedule: tuple[int, ...] = field(default=(), repr=False)

    @property
    def locks(self) -> tuple[str, ...]:
        """The locks, in alphabetical order."""
        return tuple(sorted(one.lock for one in self.waits))

    @property
    def needs_signal(self) -> bool:
        """Whether a handler has to come where no run had one."""
        return any(one.causes for one in self.waits)

    @property
    def functions(self) -> tuple[str, ...]:
        """Where the locks are asked for, in alphabetical order."""
        return tuple(sorted({_function(one.asks.at) for one in self.waits} - {""}))

    @property
    def signals(self) -> tuple[str, ...]:
        """Whose handlers have to come where no run had them, in alphabetical order."""
        return tuple(sorted({cause.signal for one in self.waits for cause in one.causes}))

    @property
    def signature(self) -> str:
        """What tells it from others: the locks, and where each is asked for; no thread, no line."""
        needs = f" by {', '.join(self.signals)}" if self.signals else ""
        where = f" in {', '.join(self.functions)}" if self.functions else ""
        locks = dict.fromkeys(map(shared_name, self.locks))
        return f"deadlock [{', '.join(locks)}]{where}{needs}"

    def implies(self, other: Prediction) -> bool:
        """Whether `other` is the same, but for signals that it needs besides."""
        same = (self.locks, self.functions) == (other.locks, other.functions)
        return same and len(self.signals) > 0 and set(self.signals) < set(other.signals)


class Foresight(NamedTuple):
    """What passing runs show to be possible: deadlocks, the certain first, and lost wake-ups."""

    deadlocks: list[Prediction]
    wakeups: list[Wakeup]

    @property
    def all(self) -> list[Prediction | Wakeup]:
        """Both."""
        return [*self.deadlocks, *self.wakeups]


def predict(read: Callable[[], Iterable[Logged]]) -> list[Prediction]:
    """The deadlocks that the runs which `read` gives show to be possible, the certain first."""
    return foresee(read).deadlocks


def foresee(read: Callable[[], Iterable[Logged]]) -> Foresight:
    """All that the runs which `read` gives show to be possible.

    They are read one at a time, and twice if handlers ask for locks: what a handler does is known
    from all runs of its program together. A program is a scenario with its parameters.
    """
    programs: dict[str, _Program] = {}
    for run in read():
        programs.setdefault(_name(run), _Program()).look(run)
    if any(program.handlers.ask for program in programs.values()):
        for run in read():
            programs[_name(run)].interrupt(run)
    found = [one for program in programs.values() for one in program.predictions()]
    found.sort(key=lambda one: (one.grade, one.needs_signal, one.signature))
    wakeups = [one for program in programs.values() for one in program.wakeups()]
    return Foresight(found, sorted(wakeups, key=lambda one: one.signature))


def _name(run: Logged) -> str:
    info = run.history.info
    return f"{info.scenario} {sorted(info.params.items())}"


class _Program:
    """What is known of one program."""

    def __init__(self) -> None:
        self.runs = 0
        self.handlers = Handlers()
        self._found: dict[str, Prediction] = {}
        self._wakeups = Wakeups()

    def look(self, run: Logged) -> None:
        """What a run shows by itself, and what its handlers did."""
        self.runs += 1
        scribe = _Scribe(run)
        self._add(scribe.observed())
        self._wakeups.look(scribe)
        if any(one.event == DELIVER for one in scribe.events):
            self.handlers.learn(scribe.trace, scribe.line, scribe.injected)

    def interrupt(self, run: Logged) -> None:
        """What a run shows if handlers come where it had none."""
        if self.handlers.ask:
            self._add(_Scribe(run).interrupted_by(self.handlers))

    def _add(self, shown: Iterable[Prediction]) -> None:
        """What one run shows; the first that shows it for certain is kept."""
        seen: dict[str, Prediction] = {}
        for one in shown:
            seen.setdefault(one.signature, one)  # what is certain comes first
        for signature, one in seen.items():
            known = self._found.get(signature)
            if known is None:
                self._found[signature] = one
            else:
                kept = min(known, one, key=lambda each: each.grade)
                self._found[signature] = replace(kept, runs=known.runs + 1)

    def wakeups(self) -> list[Wakeup]:
        """The wake-ups that may be lost."""
        return self._wakeups.wakeups(self.runs)

    def predictions(self) -> list[Prediction]:
        """All of them, but what is no more than another with a signal more."""
        found = self._found.values()
        return [
            replace(one, of=self.runs)
            for one in found
            if not any(other.implies(one) for other in found)
        ]


class _Scribe(Scribe):
    """Writes down, of one run, what it shows to be possible."""

    def __init__(self, run: Logged) -> None:
        super().__init__(run, trace_of(run.history.shapes))
        self.times = abstract_acquires(self.trace)

    def observed(self) -> Iterator[Prediction]:
        """What other orders of its own operations show, the certain first."""
        # Of a foreign run not every lock is in the log, so nothing that it shows is certain.
        foreign = self.run.history.info.foreign
        certain = [] if foreign else sync_preserving(self.trace, self.times)
        for deadlock in certain:
            yield self.certain(deadlock)
        sure = {frozenset(one.cycle) for one in certain}
        for cycle, spans in shown(self.trace, self.times, {}):
            if frozenset(cycle) not in sure:
                yield self.possible(cycle, spans, {}, Handlers())

    def interrupted_by(self, handlers: Handlers) -> Iterator[Prediction]:
        """What takes a handler that did not come where it would have to."""
        expansion = Expansion(self.trace, handlers)
        for alone in expansion.selves.values():
            yield self.alone(alone, handlers)
        if expansion.acquires:
            for cycle, spans in shown(self.trace, self.times, expansion.acquires):
                one = self.possible(cycle, spans, expansion.asking, handlers)
                if one.needs_signal:
                    yield one

    def certain(self, deadlock: Deadlock) -> Prediction:
        waits = []
        for at, (acquire, op) in enumerate(zip(deadlock.cycle, deadlock.waiting, strict=True)):
            outer = next(one.outer for one in self.times[acquire] if one.op == op)
            waits.append(self.waits(acquire, deadlock.cycle[at - 1].lock, op, outer))
        schedule = tuple(self.trace.events[op] for op in deadlock.schedule)
        return Prediction("certain", _turned(waits), self.run, schedule=schedule)

    def possible(
        self,
        cycle: Cycle,
        spans: tuple[Span, ...],
        all_asking: Mapping[tuple[Acquire, int], Asking],
        handlers: Handlers,
    ) -> Prediction:
        waits = []
        for at, (acquire, span) in enumerate(zip(cycle, spans, strict=True)):
            held = cycle[at - 1].lock
            asking = all_asking.get((acquire, span.inner))
            happened = any(one.op == span.inner for one in self.times.get(acquire, ()))
            if asking is None or happened:
                waits.append(self.waits(acquire, held, span.inner, {held: span.outer}))
            else:
                waits.append(self.interrupted(acquire.thread, held, acquire.lock, asking, handlers))
        return Prediction("possible", _turned(waits), self.run)

    def alone(self, one: SelfDeadlock, handlers: Handlers) -> Prediction:
        waits = self.interrupted(one.thread, one.lock, one.lock, one.asking, handlers)
        return Prediction("possible", (waits,), self.run)


def _turned(waits: list[Waits]) -> tuple[Waits, ...]:
    """The same cycle, beginning with the first thread by name."""
    first = min(range(len(waits)), key=lambda at: (waits[at].thread, waits[at].lock))
    return (*waits[first:], *waits[:first])


def _function(at: str) -> str:
    place = parse_place(at)
    return place.function if place is not None else at
