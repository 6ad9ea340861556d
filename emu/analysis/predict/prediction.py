"""Predictions: what passing runs show to be possible, one for each deadlock, with evidence.

A prediction is *certain* when another order of the run's own operations gets there, so that
its schedule is known; otherwise it is *possible*. It needs a *signal* when a handler has to
come where no run had one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from emu.analysis.predict.acquires import Cycle, abstract_acquires
from emu.analysis.predict.evidence import Scribe, Waits
from emu.analysis.predict.goodlock import goodlock
from emu.analysis.predict.signals import Expansion, Handlers, SelfDeadlock
from emu.analysis.predict.syncpreserving import Deadlock, sync_preserving
from emu.analysis.predict.trace import Trace, trace_of
from emu.record.logs import Logged
from emu.record.place import parse_place

Grade = Literal["certain", "possible"]
"""How sure it is, the surest first, in alphabetical order."""


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
        return any(one.signals for one in self.waits)

    @property
    def signature(self) -> str:
        """What tells it from others: the locks, and where each is asked for; no thread, no line."""
        functions = sorted({_function(one.asks.at) for one in self.waits})
        signals = sorted({signal for one in self.waits for signal in one.signals})
        needs = f" by {', '.join(signals)}" if signals else ""
        return f"deadlock [{', '.join(self.locks)}] in {', '.join(functions)}{needs}"


def predict(read: Callable[[], Iterable[Logged]]) -> list[Prediction]:
    """What the runs that `read` gives show to be possible, the certain first.

    They are read twice, one at a time: what a handler does is known from all runs of its program
    together. A program is a scenario with its parameters.
    """
    programs: dict[str, _Program] = {}
    for run in read():
        programs.setdefault(_name(run), _Program()).learn(run)
    for run in read():
        programs[_name(run)].look(run)
    found = [one for program in programs.values() for one in program.predictions()]
    return sorted(found, key=lambda one: (one.grade, one.needs_signal, one.signature))


def _name(run: Logged) -> str:
    info = run.history.info
    return f"{info.scenario} {sorted(info.params.items())}"


class _Program:
    """What is known of one program."""

    def __init__(self) -> None:
        self.runs = 0
        self.handlers = Handlers()
        self._found: dict[str, Prediction] = {}

    def learn(self, run: Logged) -> None:
        """What its handlers did in a run."""
        self.runs += 1
        self.handlers.learn(trace_of(run.history.events))

    def look(self, run: Logged) -> None:
        """What a run shows to be possible; the first that shows it for certain is kept."""
        seen: dict[str, Prediction] = {}
        for one in _of_run(run, self.handlers):
            seen.setdefault(one.signature, one)  # what is certain comes first
        for signature, one in seen.items():
            known = self._found.get(signature)
            if known is None:
                self._found[signature] = one
            else:
                kept = min(known, one, key=lambda each: each.grade)
                self._found[signature] = replace(kept, runs=known.runs + 1)

    def predictions(self) -> list[Prediction]:
        """All of them."""
        return [replace(one, of=self.runs) for one in self._found.values()]


def _of_run(run: Logged, handlers: Handlers) -> Iterable[Prediction]:
    trace = trace_of(run.history.events)
    scribe = _Scribe(run, trace)
    certain = sync_preserving(trace)
    sure = {frozenset(one.cycle) for one in certain}
    for deadlock in certain:
        yield scribe.certain(deadlock)
    expansion = Expansion(trace, handlers)
    for one in expansion.selves.values():
        yield scribe.alone(one)
    for cycle in goodlock(trace, expansion.acquires):
        if frozenset(cycle) not in sure:
            yield scribe.possible(cycle, expansion)


class _Scribe(Scribe):
    """Writes down, of one run, what is known of a prediction."""

    def __init__(self, run: Logged, trace: Trace) -> None:
        super().__init__(run, trace)
        self.times = abstract_acquires(trace)

    def certain(self, deadlock: Deadlock) -> Prediction:
        waits = []
        for at, (acquire, op) in enumerate(zip(deadlock.cycle, deadlock.waiting, strict=True)):
            outer = next(one.outer for one in self.times[acquire] if one.op == op)
            waits.append(self.waits(acquire, deadlock.cycle[at - 1].lock, op, outer))
        schedule = tuple(self.trace.ops[op].event for op in deadlock.schedule)
        return Prediction("certain", _turned(waits), self.run, schedule=schedule)

    def possible(self, cycle: Cycle, expansion: Expansion) -> Prediction:
        waits, times = [], self.times
        for at, acquire in enumerate(cycle):
            signals = expansion.signals.get(acquire, ()) if acquire not in times else ()
            occurrence = (times.get(acquire) or expansion.acquires[acquire])[0]
            wanted = cycle[at - 1].lock
            waits.append(self.waits(acquire, wanted, occurrence.op, occurrence.outer, signals))
        return Prediction("possible", _turned(waits), self.run)

    def alone(self, one: SelfDeadlock) -> Prediction:
        since, asks = self.line(one.outer), self.line(one.op)
        waits = Waits(one.thread, one.lock, since, one.lock, asks, one.signals)
        return Prediction("possible", (waits,), self.run)


def _turned(waits: list[Waits]) -> tuple[Waits, ...]:
    """The same cycle, beginning with the first thread by name."""
    first = min(range(len(waits)), key=lambda at: (waits[at].thread, waits[at].lock))
    return (*waits[first:], *waits[:first])


def _function(at: str) -> str:
    place = parse_place(at)
    return place.function if place is not None else at
