"""Lost wake-ups: news that a run's waiter got, and that it could have missed for ever.

A waiter that was woken had begun to wait before. If the news may as well come first, and nothing
that the waiter looks at before it waits tells it so, it waits for news that is over. That is so
where it looks at nothing; where it looks at something that the giver does not change; and where
the giver changes it, and tells of it, without the mutex with which the waiter looks and waits:
then both fit between the look and the wait. Every piece of news that could still end the wait
must be able to come too early in one of these ways, and no giver may look whether it did.

And a waiter that goes on without another look at what it looked at before trusts that to be so:
others may have come first, and POSIX lets waits end for no reason.

Where waiters look at what no log has (plain variables) it seems as if they looked at nothing. So
nothing is said of a place at which, in any run, one saw the same and did not wait (`Wakeups`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from emu.analysis.predict.conditions import (
    WORD,
    Conditions,
    Notice,
    Section,
    Wait,
    conditions_of,
    has_conditions,
)
from emu.analysis.predict.evidence import Scribe
from emu.analysis.predict.signals import Line
from emu.analysis.predict.trace import ACQUIRE, UPDATE, WRITE
from emu.record.logs import Logged
from emu.record.place import parse_place

Kind = Literal["lost wake-up", "unchecked wake-up"]
LOST: Final = "lost wake-up"
UNCHECKED: Final = "unchecked wake-up"

Seen = tuple[tuple[str, str], ...]
"""What a thread saw in which words, by name."""


@dataclass(frozen=True, slots=True)
class Wakeup:
    """A wait that may never end, or end too early.

    `waiter` waits at `waits` for `condition`, having taken `mutex` at `enters`. A lost wake-up:
    `giver` gives the news at `gives`; with `cell` it changes that at `changes` without the mutex,
    and the waiter looks at it at `looks`. An unchecked one: it looks at `cell` at `looks`, and is
    through with what follows at `gives` without another look. `saw` is what was in the words that
    it looked at.
    """

    kind: Kind
    condition: str
    mutex: str
    waiter: str
    enters: Line
    waits: Line
    giver: str
    gives: Line
    run: Logged = field(repr=False)
    cell: str = ""
    looks: Line | None = None
    changes: Line | None = None
    saw: Seen = ()
    runs: int = 1
    of: int = 1
    grade: Literal["possible"] = "possible"

    @property
    def signature(self) -> str:
        """What tells it from others: the condition, and where it is waited for."""
        place = parse_place(self.waits.at)
        where = place.function if place is not None else self.waits.at
        return f"{self.kind} [{self.condition}] in {where}"


def wakeups(scribe: Scribe, found: Conditions) -> Iterator[Wakeup]:
    """What a run shows of wake-ups, wait by wait."""
    search = _Search(scribe, found)
    for wait in found.waits:
        yield from search.of(wait)


class Wakeups:
    """What many runs of one program show of wake-ups."""

    def __init__(self) -> None:
        self._found: dict[str, dict[tuple[str, Seen], Wakeup]] = {}
        self._runs: dict[str, int] = {}
        self._skipped: dict[tuple[str, str], set[Seen]] = {}

    def look(self, scribe: Scribe) -> None:
        """Add what a run shows."""
        if not any(map(has_conditions, scribe.events)):
            return
        found = conditions_of(scribe)
        for mutex, section in found.skipped:
            at = scribe.events[found.trace.events[section.begin]].at
            self._skipped.setdefault((mutex, at), set()).add(_seen(section))
        shown = list(wakeups(scribe, found))
        for one in shown:
            alike = self._found.setdefault(one.signature, {})
            alike.setdefault((one.enters.at, one.saw), one)
        for signature in dict.fromkeys(one.signature for one in shown):
            self._runs[signature] = self._runs.get(signature, 0) + 1

    def wakeups(self, runs: int) -> list[Wakeup]:
        """The first of each signature that nothing speaks against, of so many runs."""
        left = (
            next((one for one in alike.values() if not self._decided_otherwise(one)), None)
            for alike in self._found.values()
        )
        return [
            replace(one, runs=self._runs[one.signature], of=runs) for one in left if one is not None
        ]

    def _decided_otherwise(self, one: Wakeup) -> bool:
        """Whether one saw there what this waiter saw, as far as both looked, and did not wait."""
        saw = dict(one.saw)
        return not one.cell and any(
            all(saw.get(cell, value) == value for cell, value in seen)
            for seen in self._skipped.get((one.mutex, one.enters.at), ())
        )


def _seen(section: Section) -> Seen:
    return tuple(sorted(section.words.items()))


class _Search:
    """Looks at the waits of one run."""

    def __init__(self, scribe: Scribe, found: Conditions) -> None:
        self._scribe = scribe
        self._found = found
        self._changes: dict[str, list[int]] = {}
        for number, op in enumerate(found.trace.ops):
            if op.kind in (WRITE, UPDATE):
                self._changes.setdefault(op.what, []).append(number)

    def of(self, wait: Wait) -> Iterator[Wakeup]:
        """What is wrong with a wait."""
        lost = self._lost(wait)
        if lost is not None:
            yield lost
        after = wait.after
        if wait.over >= 0 and after is not None and wait.section.words:
            again = after.reads.keys() & wait.section.words.keys()
            if not again:
                cell = next(iter(wait.section.words))
                looks = wait.section.reads[cell]
                yield self._wakeup(UNCHECKED, wait, wait.thread, wait.over, cell, looks)

    def _lost(self, wait: Wait) -> Wakeup | None:
        """The wait as a lost wake-up, if all the news that may end it can come too early."""
        early: list[tuple[Notice, int]] = []
        for notice in self._found.notices.get(wait.condition, ()):
            if notice.thread != wait.thread and self._may_end(notice, wait):
                change = self._too_early(notice, wait)
                if change is None:
                    return None
                early.append((notice, change))
        if not early:
            return self._unheard(wait)
        if any(self._polls(thread, wait) for thread in {notice.thread for notice, _ in early}):
            return None
        notice, change = min(early, key=lambda one: wait.thread not in one[0].woken)
        if change < 0:
            return self._wakeup(LOST, wait, notice.thread, notice.op)
        cell = self._found.trace.ops[change].what
        looks = wait.section.reads[cell]
        return self._wakeup(LOST, wait, notice.thread, notice.op, cell, looks, change)

    def _unheard(self, wait: Wait) -> Wakeup | None:
        """A wait without an end as a lost wake-up, if there was news while nobody waited."""
        notices = self._found.notices.get(wait.condition, ())
        unheard = [one for one in notices if one.op < wait.op and not one.woken]
        if wait.ended or not unheard:
            return None
        return self._wakeup(LOST, wait, unheard[-1].thread, unheard[-1].op)

    def _may_end(self, notice: Notice, wait: Wait) -> bool:
        """Whether news that came later needs nothing that the waiter does after its wait."""
        return notice.op > wait.op and not self._knows(notice.op, wait.op)

    def _polls(self, giver: str, wait: Wait) -> bool:
        """Whether a giver sees in a word that the waiter is awake: else it might tell it again."""
        order, at = self._found.order, self._found.order.threads[wait.thread]
        for number, op in enumerate(self._found.trace.ops):
            if op.thread == giver and order.after[number][at] >= order.own[wait.op]:
                return self._scribe.events[self._found.trace.events[number]].event.startswith(WORD)
        return False

    def _too_early(self, notice: Notice, wait: Wait) -> int | None:
        """How news may come before a wait that then begins all the same; None if it cannot.

        -1: before the waiter takes its mutex; else the number of the change that comes, with the
        news, between its look and its wait.
        """
        changes = self._unseen(notice, wait)
        if not changes:
            return -1 if not self._knows(notice.op, wait.since) else None
        ops, first = self._found.trace.ops, changes[0]
        if any(ops[one].thread != notice.thread for one in changes):
            return None
        if notice.locks & wait.locks or self._takes(notice, first, wait.locks):
            return None
        return first

    def _unseen(self, notice: Notice, wait: Wait) -> list[int]:
        """The changes, before the news, to what the waiter looked at, that it did not see."""
        own, thread, before = self._found.order.own, self._found.order.thread, self._found.order
        return sorted(
            one
            for cell in wait.section.reads
            for one in self._changes.get(cell, ())
            if own[one] <= before.before[notice.op][thread[one]]
            and own[one] > before.before[wait.op][thread[one]]
        )

    def _takes(self, notice: Notice, first: int, locks: frozenset[str]) -> bool:
        """Whether the giver has any of these locks at any time from the change to the news."""
        held: set[str] = set()
        for number, op in enumerate(self._found.trace.ops[: notice.op]):
            if op.thread == notice.thread and op.what in locks:
                if op.kind == ACQUIRE:
                    held.add(op.what)
                    if number >= first:
                        return True
                else:
                    held.discard(op.what)
            if number == first and held:
                return True
        return False

    def _knows(self, op: int, other: int) -> bool:
        """Whether `op` cannot be without `other`, which is of the waiter."""
        order = self._found.order
        return order.before[op][order.thread[other]] >= order.own[other]

    def _wakeup(
        self,
        kind: Kind,
        wait: Wait,
        giver: str,
        gives: int,
        cell: str = "",
        looks: int = -1,
        changes: int = -1,
    ) -> Wakeup:
        return Wakeup(
            kind,
            wait.condition,
            wait.mutex,
            wait.thread,
            self._line(wait.section.begin),
            self._line(wait.op),
            giver,
            self._line(gives),
            self._scribe.run,
            cell,
            self._line(looks) if looks >= 0 else None,
            self._line(changes) if changes >= 0 else None,
            _seen(wait.section),
        )

    def _line(self, op: int) -> Line:
        number = self._found.trace.events[op]
        run = self._scribe.run
        return Line(run.path, run.line_of(number), self._scribe.events[number].at)
