"""A witness: follows another order of a run's own operations, to the deadlock that it leads to."""

from __future__ import annotations

from collections.abc import Sequence

from emu.analysis.predict.trace import counts
from emu.record.event import Event, RawEvent
from emu.search.trial import Choice, Moment, Rules, Steered


class Witness(Steered):
    """Runs whose turn it is in `schedule`, and at its end each of `waiting`, until it waits.

    An item of the schedule is a thread, and how many operations it is to have done then.
    Every choice that is not a thread is made by rules.
    """

    def __init__(
        self, schedule: Sequence[tuple[str, int]], waiting: Sequence[str], rules: Rules
    ) -> None:
        super().__init__(rules)
        self._schedule = list(reversed(schedule))
        self._waiting = waiting
        self._done: dict[str, int] = {}
        self._read = 0

    def elect(self, moment: Moment, options: tuple[Choice, ...]) -> int:
        """The thread that is next; the usual one where it cannot run."""
        self._count()
        schedule = self._schedule
        while schedule and self._done.get(schedule[-1][0], 0) >= schedule[-1][1]:
            schedule.pop()
        wanted = [schedule[-1][0]] if schedule else self._waiting
        return next((options.index(one) for one in wanted if one in options), 0)

    def _count(self) -> None:
        """See what was done since it was last asked."""
        events: list[RawEvent] = self.machine.events
        for kind, _, _, thread, _, what, *_ in events[self._read :]:
            if counts(kind, thread, what):
                self._done[thread] = self._done.get(thread, 0) + 1
        self._read = len(events)


def schedule_of(events: Sequence[Event], numbers: Sequence[int]) -> list[tuple[str, int]]:
    """The schedule that does the events with these numbers, in this order."""
    done: dict[str, int] = {}
    at: dict[int, tuple[str, int]] = {}
    for number, event in enumerate(events):
        if counts(event.event, event.thread, event.object):
            done[event.thread] = done.get(event.thread, 0) + 1
            at[number] = event.thread, done[event.thread]
    return [at[number] for number in numbers if number in at]
