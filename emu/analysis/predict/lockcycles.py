"""Cycles of locks in one run, each with what keeps it from being a deadlock, if anything does.

Whoever draws an arrow from each lock that is held to each that is then asked for sees more
circles than deadlocks. A circle is possible only if there are acquires (`acquires`) for all its
arrows that other threads make, in modes that exclude each other, with no lock held in common
(a gate), and none over before another begins. These are GoodLock's rules (`goodlock`), asked one
after the other, so that the first that no choice of acquires meets is the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice, permutations
from typing import Final, Literal, NamedTuple

from emu.analysis.predict.acquires import Acquire, Occurrence
from emu.analysis.predict.clocks import Clocks, clocks, segments_of
from emu.analysis.predict.goodlock import Span, before, spans_of, together
from emu.analysis.predict.trace import Trace

Verdict = Literal["possible", "unknown", "apart", "lifetime", "gate", "shared", "one thread"]
"""What is said of a cycle."""

VERDICTS: Final[dict[Verdict, str]] = {
    "possible": "nothing keeps it off",
    "unknown": "logs of locks alone do not tell when threads begin and end",
    "apart": "no single run has all of it, with nothing to keep it off",
    "lifetime": "by the beginning or the end of a thread, one part is over before another",
    "gate": "a lock that is held around both keeps them apart",
    "shared": "threads that share a lock do not wait for each other",
    "one thread": "there are not as many threads as it takes",
}
"""Each with what it means, the nearest to a deadlock first."""

LONGEST: Final = 8
"""Cycles of more locks are not looked for."""

CHOICES: Final = 1_000
"""So many choices of acquires are asked for their gates."""

Fits = Callable[[Acquire, Acquire], bool]


class Judged(NamedTuple):
    """A cycle in a run: the verdict, the acquires that show it, and where each has both locks.

    `first` and `then` are the numbers, in the cycle, of the two of which one is over before the
    other begins.
    """

    verdict: Verdict
    cycle: tuple[Acquire, ...]
    spans: tuple[Span, ...]
    first: int = -1
    then: int = -1


def lock_cycles(after: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Every cycle of at most `LONGEST` locks, once, beginning with its first lock by name.

    `after` has for each lock those that are asked for while it is held.
    """
    for first in sorted(after):
        yield from _extended([first], _distances(first, after), after)


def may_have_longer(after: Mapping[str, Sequence[str]]) -> bool:
    """Whether there may be a cycle of more than `LONGEST` locks.

    There is none unless so many locks are all reached from each other.
    """
    return any(len(_reached(lock, after)) > LONGEST for lock in after)


def _reached(first: str, after: Mapping[str, Sequence[str]]) -> set[str]:
    """The locks after `first` by name, and itself, that it reaches and that reach it."""
    back = _distances(first, after)
    found = {first}
    todo = [first]
    for lock in todo:
        for asked in after.get(lock, ()):
            if asked in back and asked not in found:
                found.add(asked)
                todo.append(asked)
    return found


def _distances(first: str, after: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """How many arrows it is from each lock back to `first`, by locks after it by name alone."""
    into: dict[str, list[str]] = {}
    for held, asked in after.items():
        for lock in asked:
            into.setdefault(lock, []).append(held)
    far = {first: 0}
    todo = [first]
    for lock in todo:
        for held in into.get(lock, ()):
            if held > first and held not in far:
                far[held] = far[lock] + 1
                todo.append(held)
    return far


def _extended(
    path: list[str], far: Mapping[str, int], after: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, ...]]:
    for lock in after.get(path[-1], ()):
        if lock == path[0]:
            yield tuple(path)
        elif lock in far and lock not in path and len(path) + far[lock] <= LONGEST:
            yield from _extended([*path, lock], far, after)


Ways = list[list[Acquire]]
"""For each arrow of a cycle, in order, the acquires that make it."""


class Arrows:
    """The acquires that make each arrow."""

    def __init__(self) -> None:
        self._by_arrow: dict[tuple[str, str], dict[Acquire, None]] = {}

    def add(self, acquire: Acquire) -> None:
        """One more acquire."""
        for held in acquire.held:
            self._by_arrow.setdefault((held.lock, acquire.lock), {})[acquire] = None

    def after(self) -> dict[str, list[str]]:
        """For each lock those that are asked for while it is held, by name."""
        after: dict[str, list[str]] = {}
        for held, lock in sorted(self._by_arrow):
            after.setdefault(held, []).append(lock)
        return after

    def ways(self, locks: tuple[str, ...]) -> Ways:
        """Who makes the arrows of a cycle: each asks for what the next one holds."""
        arrows = zip(locks, (*locks[1:], locks[0]), strict=True)
        return [list(self._by_arrow[arrow]) for arrow in arrows]

    def threads(self, locks: tuple[str, ...]) -> tuple[str, ...]:
        """Who does any part of a cycle, by name."""
        return tuple(sorted({acquire.thread for way in self.ways(locks) for acquire in way}))


class Reason(NamedTuple):
    """What keeps a cycle off, as far as its acquires alone say; else `lifetime`.

    `cycle` are acquires that show it, `gates` the locks that do it.
    """

    verdict: Verdict
    cycle: tuple[Acquire, ...]
    gates: tuple[str, ...] = ()


def reason(ways: Ways) -> Reason:
    """The first rule that no choice of acquires meets."""
    verdict: Verdict = "one thread"
    cycle = tuple(way[0] for way in ways)
    for following, fits in _RULES:
        chosen = next(_choices(ways, fits), None)
        if chosen is None:
            return Reason(verdict, cycle, _gates(ways) if verdict == "gate" else ())
        verdict, cycle = following, chosen
    return Reason(verdict, cycle)


def _gates(ways: Ways) -> tuple[str, ...]:
    gates: set[str] = set()
    for chosen in islice(_choices(ways, _exclude), CHOICES):
        for one, other in permutations(chosen, 2):
            if not one.held_apart(other):
                gates |= {held.lock for held in one.held} & {held.lock for held in other.held}
    return tuple(sorted(gates))


class Judge:
    """Says of the cycles of one run what keeps them off.

    Without `lives` its trace does not tell when threads begin and end.
    """

    def __init__(
        self, trace: Trace, found: Mapping[Acquire, list[Occurrence]], *, lives: bool = True
    ) -> None:
        self._lives = lives
        self._trace = trace
        self._found = found
        self.arrows = Arrows()
        for acquire in found:
            self.arrows.add(acquire)

    @cached_property
    def _order(self) -> Clocks:
        return clocks(self._trace, reads=False)

    @cached_property
    def _segments(self) -> list[int]:
        return segments_of(self._trace)

    def judge(self, locks: tuple[str, ...]) -> Judged | None:
        """Whether a cycle all of whose arrows this run has is possible, or kept off by lives.

        None if its acquires alone keep it off.
        """
        ways = self.arrows.ways(locks)
        if len(ways) == 1:  # a thread asked for what it held, and waited
            alone = (ways[0][0],)
            return Judged("possible", alone, tuple(one[0] for one in self._spans(alone)))
        apart = reason(ways)
        if apart.verdict != "lifetime":
            return None
        if not self._lives:
            spans = tuple(one[0] for one in self._spans(apart.cycle))
            return Judged("unknown", apart.cycle, spans)
        for chosen in _choices(ways, _apart):
            at_once = together(self._spans(chosen), self._order)
            if at_once is not None:
                return Judged("possible", chosen, at_once)
        return self._over(apart.cycle)

    def _spans(self, cycle: tuple[Acquire, ...]) -> list[list[Span]]:
        return spans_of(cycle, self._found, self._segments)

    def _over(self, cycle: tuple[Acquire, ...]) -> Judged:
        """The cycle with the two of which one is over before the other begins."""
        spans = tuple(one[0] for one in self._spans(cycle))
        first, then = next(
            (one, other)
            for one, other in permutations(range(len(cycle)), 2)
            if before(spans[one].inner, spans[other].outer, self._order)
        )
        return Judged("lifetime", cycle, spans, first, then)


def _choices(ways: Ways, fits: Fits) -> Iterator[tuple[Acquire, ...]]:
    """One acquire for each arrow, such that every two of them fit, in the order of the cycle."""

    def extended(chosen: list[Acquire]) -> Iterator[tuple[Acquire, ...]]:
        if len(chosen) == len(ways):
            yield tuple(chosen)
            return
        for acquire in ways[len(chosen)]:
            if all(fits(one, acquire) and fits(acquire, one) for one in chosen):
                yield from extended([*chosen, acquire])

    return extended([])


def _others(one: Acquire, other: Acquire) -> bool:
    return one.thread != other.thread


def _exclude(one: Acquire, other: Acquire) -> bool:
    """Whether `other` does not have, in shared mode, what `one` wants to share."""
    shares = any(held.lock == one.lock and held.shared and one.shared for held in other.held)
    return _others(one, other) and not shares


def _apart(one: Acquire, other: Acquire) -> bool:
    return _exclude(one, other) and one.held_apart(other)


_RULES: Final[tuple[tuple[Verdict, Fits], ...]] = (
    ("shared", _others),
    ("gate", _exclude),
    ("lifetime", _apart),
)
"""What every two acquires must be, and the verdict if they are so and not what comes next."""
