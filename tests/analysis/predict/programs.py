"""Small programs of threads, locks and signals: run at random, and in every possible way.

Each thread is a straight line of at most one nest of locks, and so is each handler. A signal
comes to each thread at most once, at any moment at which the thread does not block it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from emu.analysis.predict.mask import Mask
from emu.analysis.predict.trace import (
    ACQUIRE,
    BLOCK,
    ENTER,
    HANDLE,
    RELEASE,
    RETURN,
    Op,
    Trace,
)

Line = tuple[tuple[str, str], ...]
"""What is done, to which lock or signal."""


@dataclass(frozen=True)
class Program:
    """The lines of its threads, and per signal what its handler blocks besides, and its line."""

    threads: tuple[Line, ...]
    handlers: dict[str, tuple[frozenset[str], Line]]


class Depth(NamedTuple):
    """A thread at one depth: in which handler, how far, what it holds, the mask to go back to."""

    signal: str
    done: int
    holds: frozenset[str]
    back: frozenset[str]


class Thread(NamedTuple):
    """A thread: its depths, what it blocks, which signals have come to it."""

    depths: tuple[Depth, ...]
    blocks: frozenset[str]
    came: frozenset[str]


State = tuple[Thread, ...]
NONE: frozenset[str] = frozenset()


def random_program(seed: int, *, signals: int = 2) -> Program:
    rng = Random(seed)
    locks = "abcde"[: rng.randint(2, 4)]
    names = [f"S{number}" for number in range(1, signals + 1)]
    threads = tuple(_masked(rng, _nest(rng, locks, 2), names) for _ in range(rng.randint(2, 3)))
    handlers = {
        name: (frozenset(s for s in names if rng.random() < 0.3), tuple(_nest(rng, locks, 2)))
        for name in names
    }
    return Program(threads, handlers)


def _nest(rng: Random, locks: str, most: int) -> list[tuple[str, str]]:
    taken = rng.sample(locks, rng.randint(1, min(most, len(locks))))
    return [("lock", one) for one in taken] + [("unlock", one) for one in reversed(taken)]


def _masked(rng: Random, line: list[tuple[str, str]], names: list[str]) -> Line:
    """With a signal blocked over a part of it, perhaps."""
    for name in names:
        if rng.random() < 0.5:
            first, last = sorted((rng.randint(0, len(line)), rng.randint(0, len(line))))
            line = [
                *line[:first],
                ("block", name),
                *line[first:last],
                ("unblock", name),
                *line[last:],
            ]
    return tuple(line)


class Machine:
    """What a program can do from where it stands."""

    def __init__(self, program: Program) -> None:
        self.program = program
        base = Thread((Depth("", 0, NONE, NONE),), NONE, NONE)
        self.start: State = (base,) * len(program.threads)

    def next_of(self, state: State, at: int) -> tuple[str, str] | None:
        """What a thread does next; None at the end of its line."""
        depth = state[at].depths[-1]
        line = self.program.handlers[depth.signal][1] if depth.signal else self.program.threads[at]
        return line[depth.done] if depth.done < len(line) else None

    def owners(self, state: State) -> dict[str, int]:
        return {
            lock: at
            for at, thread in enumerate(state)
            for depth in thread.depths
            for lock in depth.holds
        }

    def moves(self, state: State) -> Iterator[tuple[Op, State]]:
        """Every operation that may be next, with where it leads to."""
        owners = self.owners(state)
        for at in range(len(state)):
            step = self._step(state, at, owners)
            for op, thread in ([step] if step else []) + list(self._signals(state, at)):
                yield op, (*state[:at], thread, *state[at + 1 :])

    def _signals(self, state: State, at: int) -> Iterator[tuple[Op, Thread]]:
        thread = state[at]
        if len(thread.depths) == 1 and self.next_of(state, at) is None:
            return
        for signal, (blocks, _) in self.program.handlers.items():
            if signal in thread.blocks or signal in thread.came:
                continue
            inside = thread.blocks | blocks | {signal}
            depths = (*thread.depths, Depth(signal, 0, NONE, thread.blocks))
            op = Op(f"T{at}", ENTER, signal, mask=Mask(inside))
            yield op, Thread(depths, inside, thread.came | {signal})

    def _step(self, state: State, at: int, owners: dict[str, int]) -> tuple[Op, Thread] | None:
        thread, name = state[at], f"T{at}"
        depth, following = thread.depths[-1], self.next_of(state, at)
        if following is None:
            if not depth.signal:
                return None
            op = Op(name, RETURN, depth.signal, mask=Mask(depth.back))
            return op, thread._replace(depths=thread.depths[:-1], blocks=depth.back)
        kind, what = following
        after = depth._replace(done=depth.done + 1)
        blocks = thread.blocks
        if kind == "lock":
            if what in owners:
                return None
            op, after = Op(name, ACQUIRE, what), after._replace(holds=depth.holds | {what})
        elif kind == "unlock":
            op, after = Op(name, RELEASE, what), after._replace(holds=depth.holds - {what})
        else:
            blocks = blocks | {what} if kind == "block" else blocks - {what}
            op = Op(name, BLOCK, "", mask=Mask(blocks))
        return op, thread._replace(depths=(*thread.depths[:-1], after), blocks=blocks)

    def deadlocked(self, state: State) -> bool:
        """Whether threads wait for each other in a circle, or one for itself."""
        owners = self.owners(state)
        waits: dict[int, int] = {}
        for at in range(len(state)):
            following = self.next_of(state, at)
            if following is not None and following[0] == "lock" and following[1] in owners:
                waits[at] = owners[following[1]]
        for first in waits:
            at, steps = first, 0
            while at in waits and steps <= len(state):
                at, steps = waits[at], steps + 1
            if steps > len(state):
                return True
        return False


def can_deadlock(program: Program) -> bool:
    """Whether any way of running it does."""
    machine = Machine(program)
    seen, todo = {machine.start}, [machine.start]
    while todo:
        state = todo.pop()
        if machine.deadlocked(state):
            return True
        for _, following in machine.moves(state):
            if following not in seen:
                seen.add(following)
                todo.append(following)
    return False


def passing_runs(program: Program, seed: int, *, tries: int = 400) -> list[Trace]:
    """Runs that end well and in which every handler has run; none if there are no such runs."""
    machine, rng = Machine(program), Random(seed)
    install = [
        Op("T0", HANDLE, signal, mask=Mask(blocks | {signal}))
        for signal, (blocks, _) in program.handlers.items()
    ]
    missing, runs = set(program.handlers), []
    for _ in range(tries):
        state, ops = machine.start, list(install)
        while moves := list(machine.moves(state)):
            op, state = rng.choice(moves)
            ops.append(op)
        if machine.deadlocked(state):
            continue
        runs.append(Trace(tuple(ops)))
        missing -= {op.what for op in ops if op.kind == ENTER}
        if not missing:
            return runs
    return []
