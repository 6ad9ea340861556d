"""Where two runs of one program part, and what it changes.

Two runs are equal up to the first choice that differs. What follows differs in order at first,
which says little: what matters is where a thread first does or sees something else than the
same thread does in the other run. Both are found by comparing events, without their times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from emu.record.event import Event
from emu.record.history import History


@dataclass(frozen=True, slots=True)
class Tells:
    """The first thing that the same thread does otherwise: what it does in each of two runs.

    None where the run has ended before.
    """

    thread: str
    left: Event | None
    right: Event | None


@dataclass(frozen=True, slots=True)
class Parting:
    """Two runs have `common` events in common; then come `left` and `right`, if any.

    `tells` is None if every thread does in both what it does, until one run ends.
    """

    common: int
    left: Event | None
    right: Event | None
    tells: Tells | None


def part(left: History, right: History) -> Parting | None:
    """Where two runs part; None if they do not."""
    ours, theirs = left.events, right.events
    common = 0
    for mine, other in zip(ours, theirs, strict=False):
        if _essence(mine) != _essence(other):
            break
        common += 1
    if common == len(ours) == len(theirs) and left.outcome.name == right.outcome.name:
        return None
    return Parting(common, _at(ours, common), _at(theirs, common), _tells(ours, theirs, common))


def _essence(event: Event) -> tuple[Any, ...]:
    """An event without its times."""
    return (event.event, event.thread, event.depth, event.object, event.at, event.fields)


def _at(events: Sequence[Event], index: int) -> Event | None:
    return events[index] if index < len(events) else None


def _tells(ours: Sequence[Event], theirs: Sequence[Event], common: int) -> Tells | None:
    """Each thread's events side by side, in the order in which the left run has them."""
    others: dict[str, list[Event]] = {}
    for other in theirs[common:]:
        others.setdefault(other.thread, []).append(other)
    seen = dict.fromkeys(others, 0)
    missing: Tells | None = None
    for mine in ours[common:]:
        thread = mine.thread
        index = seen.get(thread, 0)
        seen[thread] = index + 1
        match = _at(others.get(thread, ()), index)
        if match is None:
            missing = missing or Tells(thread, mine, None)
        elif _essence(mine) != _essence(match):
            return Tells(thread, mine, match)
    if missing is not None:
        return missing
    rest = [one for thread, events in others.items() for one in events[seen[thread] :]]
    first = min(rest, key=lambda event: event.step, default=None)
    return None if first is None else Tells(first.thread, None, first)
