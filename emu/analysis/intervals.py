"""Reads the bars out of a run's events.

A log says when a thread begins to be in something; often only what follows says that it is over.
A thread that waits does nothing else, its handlers apart, so whatever it does next, as deep in
handlers, ends its wait: a wait that was left by a jump, or by cancellation, ends so as well. A
handler is over when its thread does something less deep. Where the log has no `signal.enter` (one
of level `locks`, or a foreign one), handlers are known by the depth of what they did, without a
name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from emu.analysis.bars import BLOCK, HANDLER, HELD_UP, HOLD, JOIN, SLEEP, STALL, WAIT, Bar
from emu.analysis.steps import OUTSIDE
from emu.record.event import Event
from emu.record.finding import Blocked
from emu.record.history import Ending, History

PASSIVE: Final = frozenset(
    (
        "signal.deliver",
        "signal.enter",
        "signal.return",
        "signal.drop",
        "signal.send",
        "timer.fire",
        "process.stop",
        "process.continue",
        "inject",
        "fault",
        "note",
        "thread.stall",
    )
)
"""Kinds of event that a thread may have while it waits, and waits on after."""

GIVEN: Final = ("lock.acquire", "chan.receive", "chan.send")
"""Kinds of event that another thread's step may do for a thread that waits."""

FREEING: Final = ("lock.release", "lock.destroy")
"""Kinds of event that change something even if no thread of the program did it."""

WANTED: Final = ("mode", "what", "held_by", "duration", "signal", "how", "waited", "contended")
"""The fields by which an event can begin or end something."""

SUSPENDS: Final = "sigsuspend"
"""The `how` of a `signal.mask` event that begins a wait."""


@dataclass(slots=True, eq=False)
class _Open:
    """A bar that has begun. It lasts at most until `latest`, in ns, if that is not None."""

    kind: str
    name: str
    what: str
    thread: str
    start: int
    t0: int
    step0: int
    depth: int
    at: str
    held_by: str = ""
    latest: int | None = None


def bars_of(history: History) -> list[Bar]:
    """The bars of a run, each with row 0, by where they begin."""
    return bars_in(history.events, history.ending)


def bars_in(events: Sequence[Event], ending: Ending) -> list[Bar]:
    """The same, of events and the end of their run; of an event's own fields few are wanted.

    Those are the fields in `WANTED`.
    """
    reader = _Reader()
    for number, event in enumerate(events):
        reader.read(number, event)
    for finding in ending.findings:
        for one in (*finding.cycle, *finding.blocked):
            reader.waits_at_last(one)
    return reader.finished(events, ending)


class _Reader:
    """Reads events one by one. `_stacks` has what a thread is in, apart from what it holds."""

    def __init__(self) -> None:
        self._bars: list[Bar] = []
        self._stacks: dict[str, list[_Open]] = {}
        self._holds: dict[str, list[_Open]] = {}
        self._lately: dict[tuple[str, int], tuple[int, Event]] = {}

    def read(self, number: int, event: Event) -> None:
        """Take the next event."""
        if event.thread and not self._is_for_a_wait_below(number, event):
            self._end_what_is_over(number, event)
        change = _CHANGES.get(event.event)
        if change is not None and (event.thread or event.event in FREEING):
            change(self, number, event)
        if event.event not in PASSIVE or event.event == "signal.enter":
            self._lately[event.thread, event.depth] = number, event

    def waits_at_last(self, one: Blocked) -> None:
        """A finding knows of a wait that the log has no event of."""
        stack = self._stacks.setdefault(one.thread, [])
        if any(bar.kind in HELD_UP and bar.depth == one.depth for bar in stack):
            return
        number, event = self._lately.get((one.thread, one.depth), (0, None))
        kind = {"lock": WAIT, "sleep": SLEEP}.get(one.what, BLOCK)
        step = 0 if event is None else event.step
        holder = one.held_by[0] if one.held_by else ""
        bar = (kind, one.waits_for, one.what, one.thread, number, one.since, step, one.depth)
        stack.append(_Open(*bar, one.at, holder))

    def finished(self, events: Sequence[Event], ending: Ending) -> list[Bar]:
        """Every bar, also what is still open."""
        end = max(ending.t, events[-1].t if events else 0)
        steps = max(ending.steps, events[-1].step if events else 0)
        for opened in (self._stacks, self._holds):
            for bars in opened.values():
                for one in bars:
                    self._bars.append(_closed(one, None, end, steps, ""))
        last = len(events)
        return sorted(
            self._bars,
            key=lambda bar: (bar.start, _RANKS[bar.kind], -(last if bar.end is None else bar.end)),
        )

    # What an event ends.

    def _is_for_a_wait_below(self, number: int, event: Event) -> bool:
        """Whether others have given a thread what it waited for, while it is in a handler."""
        stack = self._stacks.get(event.thread, [])
        if event.event not in GIVEN or event.fields.get("contended") is False:
            return False
        one = next((one for one in reversed(stack) if _is_met(one, event)), None)
        if one is None or one.depth >= event.depth:
            return False
        stack.remove(one)
        self._bars.append(_closed(one, number, event.t, event.step, event.at))
        return True

    def _end_what_is_over(self, number: int, event: Event) -> None:
        stack = self._stacks.setdefault(event.thread, [])
        done = event.event == "thread.end"
        while stack and (done or _is_over(stack[-1], event)):
            self._bars.append(_closed(stack.pop(), number, event.t, event.step, event.at))
        if not done:
            self._begin_what_is_on(number, event)

    def _begin_what_is_on(self, number: int, event: Event) -> None:
        """Handlers that the log does not tell of, but that the event is in."""
        inside = sum(one.kind == HANDLER for one in self._stacks[event.thread])
        known = event.depth - (event.event == "signal.enter")
        for depth in range(inside + 1, known + 1):
            self._begin(number, event, HANDLER, "", depth=depth)

    def _ended_by(self, number: int, thread: str) -> int:
        """When what the event `number` of this thread ended was over, at the latest, in ns."""
        ends = [0]
        for bar in reversed(self._bars):
            if bar.end != number:
                break
            if bar.thread == thread:
                ends.append(bar.t1)
        return max(ends)

    # What an event begins.

    def _begin(
        self, number: int, event: Event, kind: str, what: str, *, name: str = "", depth: int = -1
    ) -> _Open:
        depth = event.depth if depth < 0 else depth
        bar = (kind, name, what, event.thread, number, event.t, event.step, depth, event.at)
        one = _Open(*bar)
        self._stacks.setdefault(event.thread, []).append(one)
        return one

    def waits(self, number: int, event: Event) -> None:
        kind, field = _WAITS[event.event]
        stack = self._stacks.get(event.thread, ())
        if stack and stack[-1].kind == kind and _is_retry(stack[-1], event):
            return
        bar = self._begin(number, event, kind, event.fields[field] or "", name=event.object)
        bar.held_by = event.fields.get("held_by") or ""

    def sleeps(self, number: int, event: Event) -> None:
        kind = SLEEP if event.event == "thread.sleep" else STALL
        bar = self._begin(number, event, kind, "")
        bar.latest = event.t + event.fields["duration"]

    def enters(self, number: int, event: Event) -> None:
        self._begin(number, event, HANDLER, "", name=event.fields["signal"])

    def suspends(self, number: int, event: Event) -> None:
        if event.fields["how"] == SUSPENDS:
            self._begin(number, event, BLOCK, "pause", name="signal")

    def joins(self, number: int, event: Event) -> None:
        """A join says at its end that it waited: since what the thread did before, at most."""
        before = self._lately.get((event.thread, event.depth))
        if not event.fields["waited"] or before is None:
            return
        since, began = before
        bar = (BLOCK, event.object, JOIN, event.thread, since)
        t0 = max(began.t, self._ended_by(number, event.thread))
        one = _Open(*bar, t0, began.step, event.depth, event.at, event.object)
        self._bars.append(_closed(one, number, event.t, event.step, event.at))

    def acquires(self, number: int, event: Event) -> None:
        mode, name = event.fields["mode"] or "", event.object
        bar = (HOLD, name, mode, event.thread, number, event.t, event.step, event.depth, event.at)
        self._holds.setdefault(name, []).append(_Open(*bar))

    def releases(self, number: int, event: Event) -> None:
        """The newest hold of the caller's, else the oldest of anybody's."""
        held = self._holds.get(event.object)
        if not held:
            return
        own = [one for one in held if one.thread == event.thread]
        one = own[-1] if own else held[0]
        held.remove(one)
        by = "" if own else event.thread or OUTSIDE
        self._bars.append(_closed(one, number, event.t, event.step, event.at, by))

    def destroys(self, number: int, event: Event) -> None:
        by = event.thread or OUTSIDE
        for one in self._holds.pop(event.object, ()):
            self._bars.append(_closed(one, number, event.t, event.step, event.at, by))


_RANKS: Final = {kind: min(n, 2) for n, kind in enumerate((HANDLER, HOLD, *HELD_UP))}
"""What begins with one event is on top of each other in this order."""

_WAITS: Final = {"lock.wait": (WAIT, "mode"), "wait.begin": (BLOCK, "what")}
"""What begins a wait: the kind of bar, and the field that says for what."""

_CHANGES: Final = {
    "lock.wait": _Reader.waits,
    "wait.begin": _Reader.waits,
    "lock.acquire": _Reader.acquires,
    "lock.release": _Reader.releases,
    "lock.destroy": _Reader.destroys,
    "thread.sleep": _Reader.sleeps,
    "thread.stall": _Reader.sleeps,
    "thread.join": _Reader.joins,
    "signal.enter": _Reader.enters,
    "signal.mask": _Reader.suspends,
}


_OF_HOLDS: Final = ("lock.acquire", *FREEING)
"""Kinds of event that begin or end a hold, and nothing else."""

TELLING: Final = (PASSIVE | _CHANGES.keys() | {"wait.end", "thread.end"}) - {*_OF_HOLDS}
"""Kinds of event of which each is wanted, for all bars but holds, and events in handlers besides.

Of those of other kinds that a thread has one after the other the first and the last are enough:
the first ends what its thread was in, and by the last it was in nothing.
"""


def _is_over(one: _Open, event: Event) -> bool:
    """Whether a thread that does this is no longer in `one`, the innermost that it was in."""
    kind = event.event
    if one.kind == HANDLER:
        return one.depth > event.depth or (kind == "signal.enter" and one.depth == event.depth)
    if one.depth != event.depth:
        return one.depth > event.depth
    if kind in PASSIVE or (kind == "wait.end" and one.kind == WAIT):
        return False  # whoever is woken from a condition may have been made to want its mutex
    return not _is_retry(one, event)


def _is_retry(one: _Open, event: Event) -> bool:
    """Whether a thread that was woken in vain waits for the same again."""
    return event.event in _WAITS and _WAITS[event.event][0] == one.kind and one.name == event.object


def _is_met(one: _Open, event: Event) -> bool:
    """Whether an event may be what a thread waits for in `one`."""
    return one.kind in (WAIT, BLOCK) and event.object in one.name.split(", ")


def _closed(one: _Open, end: int | None, t: int, step: int, until: str, by: str = "") -> Bar:
    t1 = t if one.latest is None else min(t, one.latest)
    begins = (one.thread, one.kind, one.name, one.what, one.start)
    times = (one.t0, max(t1, one.t0), one.step0, max(step, one.step0))
    return Bar(*begins, end, *times, one.depth, one.at, until, one.held_by, by)
