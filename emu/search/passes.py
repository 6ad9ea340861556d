"""The passes of the shrinker, as data: each tries schedules of one kind, and counts itself.

A pass looks at the best trial so far, makes candidates in a fixed order, and goes on from the
new best wherever one helped. None draws anything at random, and none knows of another.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import permutations
from sys import maxsize
from typing import TYPE_CHECKING, Final

from emu.search.trial import (
    Ask,
    Asked,
    Choice,
    Lenient,
    Moment,
    Rules,
    Steered,
    Turn,
    turns_of,
)

if TYPE_CHECKING:
    from emu.search.shrink import Shrinker

Try = Callable[["Shrinker"], Awaitable[None]]

INJECTIONS: Final = ("chaos", "timer")
"""The kinds of choice that come from outside the program."""

FAR: Final = 8
"""So many of the lowest options below the one taken are tried."""

MANY: Final = 50
"""So many injections and as many other deviations, evenly spread, are tried in one place."""

FEW: Final = 9
"""Up to so many deviations, each two neighbours are replaced by one."""


HARD: Final = 6
"""From so many deviations on it is worth to look through all schedules of one simple kind."""


class Pass:
    """One pass at work: how often it was tried, with how many runs, and how often it helped."""

    def __init__(self, body: Try) -> None:
        self.name = body.__name__
        self.body = body
        self.tried = 0
        self.runs = 0
        self.helped = 0

    async def run(self, shrinker: Shrinker) -> None:
        """Try what it has to try."""
        await self.body(shrinker)

    def count(self, runs: int, *, helped: bool) -> None:
        """It was tried once more."""
        self.tried += 1
        self.runs += runs
        self.helped += helped


async def nothing(shrinker: Shrinker) -> None:
    """No deviation at all."""
    if shrinker.best.taken:
        await shrinker.consider({})


async def injections(shrinker: Shrinker) -> None:
    """Without each injection, the last first."""
    place = len(shrinker.best.taken)
    while (place := place - 1) >= 0:
        taken = shrinker.best.taken
        if place < len(taken) and taken[place].kind in INJECTIONS:
            await shrinker.consider(_without(taken, place, place + 1))


async def chunks(shrinker: Shrinker) -> None:
    """Without half of the deviations, a quarter, and so on down to each alone; the last first."""
    size = len(shrinker.best.taken)
    while (size := size // 2) > 0:
        end = len(shrinker.best.taken)
        while end > 0:
            taken = shrinker.best.taken
            start = max(0, end - size)
            await shrinker.consider(_without(taken, start, end))
            end = min(start, len(shrinker.best.taken))


async def lower(shrinker: Shrinker) -> None:
    """A lower option for each."""
    place = 0
    while place < len(taken := shrinker.best.taken):
        ask = taken[place]
        rest = _without(taken, place, place + 1)
        for option in _below(ask.option):
            if await shrinker.consider({**rest, ask.moment: ask.options[option]}):
                break
        place += 1


async def earlier(shrinker: Shrinker) -> None:
    """Each at an earlier moment of the same thread: the earliest, halfway there, one before."""
    place = 0
    while place < len(taken := shrinker.best.taken):
        ask = taken[place]
        rest = _without(taken, place, place + 1)
        before = [
            one.moment
            for one in shrinker.best.asks
            if one.step < ask.step
            and one.moment.kind == ask.moment.kind
            and one.moment.thread == ask.moment.thread
            and not one.option
            and ask.choice in one.options
        ]
        for index in _spread(len(before)):
            if await shrinker.consider({**rest, before[index]: ask.choice}):
                break
        else:
            place += 1


class _Alike(Asked):
    """Interrupts every thread once, before its checkpoint of one number, for the next thread."""

    def __init__(self, turn: int) -> None:
        super().__init__()
        self._turn = turn

    def decide(self, moment: Moment, step: int, options: tuple[Choice, ...]) -> int:
        """1 at that moment of each thread."""
        return int(moment.kind == "thread" and (moment.depth, moment.turn) == (0, self._turn))


async def alike(shrinker: Shrinker) -> None:
    """Every thread interrupted at the same place: what threads do that all run the same code."""
    if len(shrinker.best.taken) < 3:
        return
    turns = {ask.moment.turn: None for ask in shrinker.best.taken if ask.kind == "thread"}
    for turn in sorted(turns)[:FAR]:
        if shrinker.adopt(await shrinker.look(_Alike(turn))):
            return


class _Turns(Steered):
    """Gives threads their turns in a fixed order; all other choices are made by rules."""

    def __init__(self, turns: Sequence[Turn], rules: Rules) -> None:
        super().__init__(rules)
        self._turns_left = list(reversed(turns))
        self._begun = False

    def elect(self, moment: Moment, options: tuple[Choice, ...]) -> int:
        """Whose turn it is, until it is over; the usual once all have had theirs."""
        while self._turns_left:
            turn = self._turns_left[-1]
            here = moment.thread == turn.thread
            if turn.thread in options and not (turn.over(moment) if here else self._begun):
                self._begun = True
                return options.index(turn.thread)
            self._turns_left.pop()
            self._begun = False
        return 0


async def joined(shrinker: Shrinker) -> None:
    """Two turns of a thread joined, in the place of the later or of the earlier; the last first.

    After N. Jalbert, K. Sen: A Trace Simplification Technique for Effective Debugging of
    Concurrent Programs, FSE 2010.
    """
    place = len(turns_of(shrinker.best))
    while (place := place - 1) > 0:
        turns = turns_of(shrinker.best)
        if place >= len(turns):
            continue
        later = turns[place]
        others = [at for at, turn in enumerate(turns[:place]) if turn.thread == later.thread]
        if not others:
            continue
        before, between = turns[: others[-1]], turns[others[-1] + 1 : place]
        after = turns[place + 1 :]
        rules = shrinker.best.asides
        for order in ((*before, *between, later, *after), (*before, later, *between, *after)):
            if shrinker.adopt(await shrinker.look(_Turns(order, rules))):
                break


async def one_for_many(shrinker: Shrinker) -> None:
    """One other deviation in the place of all from some point on, or of two neighbours."""
    for start, end in _windows(len(shrinker.best.taken)):
        taken = shrinker.best.taken
        rest = _without(taken, start, end)
        since = taken[start - 1].step if start else 0
        base = await shrinker.look(Lenient(rest))
        others = [ask for ask in base.asks if ask.step > since and not ask.option]
        for injected in (True, False):
            wanted = [
                (ask.moment, choice)
                for ask in others
                if (ask.kind in INJECTIONS) is injected
                for choice in ask.options[1:]
            ]
            for place in range(0, len(wanted), 1 + len(wanted) // MANY):
                moment, choice = wanted[place]
                if await shrinker.consider({**rest, moment: choice}):
                    return


class _Ranked(Steered):
    """One thread runs whenever it can, up to a checkpoint; from there on another does."""

    def __init__(self, first: str, until: int, second: str, rules: Rules) -> None:
        super().__init__(rules)
        self._first = first
        self._until = until
        self._second = second

    def elect(self, moment: Moment, options: tuple[Choice, ...]) -> int:
        """The first, or then the second; where neither can run, the usual."""
        if (moment.thread, moment.depth) == (self._first, 0) and moment.turn >= self._until:
            self._first = self._second
        for thread in (self._first, self._second):
            if thread in options:
                return options.index(thread)
        return 0


async def ranked(shrinker: Shrinker) -> None:
    """One thread as far as one of its checkpoints, then another: the injections as they are."""
    if len(shrinker.best.taken) < HARD:
        return
    threads = dict.fromkeys(turn.thread for turn in turns_of(shrinker.best))
    rules = {ask.moment: ask.choice for ask in shrinker.best.taken if ask.kind in INJECTIONS}
    for first, second in permutations(threads, 2):
        base = await shrinker.look(_Ranked(first, maxsize, second, rules))
        turns = [
            ask.moment.turn
            for ask in base.asks
            if (ask.moment.kind, ask.moment.thread, ask.moment.depth) == ("thread", first, 0)
        ]
        for turn in dict.fromkeys(turns):
            if shrinker.adopt(await shrinker.look(_Ranked(first, turn, second, rules))):
                return


PASSES: Final[tuple[Try, ...]] = (
    nothing,
    injections,
    chunks,
    alike,
    joined,
    one_for_many,
    lower,
    earlier,
    ranked,
)
"""What may take away most comes first."""


def _without(taken: Sequence[Ask], start: int, end: int) -> dict[Moment, Choice]:
    return {ask.moment: ask.choice for ask in (*taken[:start], *taken[end:])}


def _below(option: int) -> Iterator[int]:
    """The lowest options below this one, then the next below."""
    yield from range(1, min(option, FAR))
    if option > FAR:
        yield option - 1


def _spread(count: int) -> list[int]:
    """The first of so many, halfway, …, the last."""
    places = []
    place = 0
    while place < count:
        places.append(place)
        place += max(1, (count - place) // 2)
    return places


def _windows(count: int) -> list[tuple[int, int]]:
    """All of so many, all but the first half, all but the first three quarters, …; pairs."""
    windows = []
    start = 0
    while start < count - 1:
        windows.append((start, count))
        start += (count - start + 1) // 2
    if count <= FEW:
        windows += [(start, start + 2) for start in range(count - 2)]
    return windows
