"""Where two runs that have parted meet again: where every thread has done the same in both.

In which order that was done, and who had to wait, is left aside: from there on the two can go on
alike. Whether they do is another matter, so it is said for how long.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from emu.analysis.fingerprint import SKIPPED
from emu.record.event import Event
from emu.record.history import History

BY_ORDER: Final = frozenset(("waited", "contended", "held_by", "woken", "partner", "ready"))
"""Fields that say who came first, or who waited, and not what was done."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two runs have met when they have these events behind them, by number; None: at the start.

    From there on they do the same for `together` events, those of waits aside, or until both
    end, if `to_the_end`.
    """

    left: int | None
    right: int | None
    together: int
    to_the_end: bool


def meet(left: History, right: History, common: int) -> Meeting | None:
    """Where two runs meet that have parted after `common` events; None if they never do."""
    ours, theirs = list(_deeds(left.events)), list(_deeds(right.events))
    at = _meeting(ours, theirs, common)
    if at is None:
        return None
    together = 0
    for mine, other in zip(ours[at:], theirs[at:], strict=False):
        if mine[1] != other[1]:
            break
        together += 1
    over = at + together == len(ours) == len(theirs)
    same = left.outcome.name == right.outcome.name
    before = (deeds[at - 1][0] if at else None for deeds in (ours, theirs))
    mine_at, other_at = before
    return Meeting(mine_at, other_at, together, over and same)


_Deed = tuple[int, tuple[Any, ...]]
"""The number of an event, and what was done."""


def _meeting(ours: Sequence[_Deed], theirs: Sequence[_Deed], common: int) -> int | None:
    """After how many deeds both runs have the same behind them, in every thread.

    Of each thread the deeds are numbered, so that what one run has and the other has not is
    a set: they meet where it becomes empty, after it was not.
    """
    differing: dict[tuple[Any, ...], int] = {}
    counts: tuple[dict[str, int], dict[str, int]] = ({}, {})
    parted = False
    for at, pair in enumerate(zip(ours, theirs, strict=False), start=1):
        for sign, count, (_, deed) in zip((1, -1), counts, pair, strict=True):
            thread = deed[1]
            number = count[thread] = count.get(thread, 0) + 1
            key = (number, *deed)
            balance = differing.get(key, 0) + sign
            if balance:
                differing[key] = balance
            else:
                del differing[key]
        if parted and not differing:
            return at
        parted = parted or bool(differing)
    if parted or len(ours) != len(theirs):
        return None
    return sum(number < common for number, _ in ours)


def _deeds(events: Sequence[Event]) -> Iterator[_Deed]:
    for number, event in enumerate(events):
        if event.event in SKIPPED and event.event != "thread.spawn":
            continue
        fields = [(name, repr(v)) for name, v in event.fields.items() if name not in BY_ORDER]
        done = (event.event, event.thread, event.depth, event.object, event.at, *fields)
        yield number, done
