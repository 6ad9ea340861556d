"""The steps of a history that a reader wants to see, each in a few words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from emu.record.event import Event
from emu.record.place import Place, parse_place

OUTSIDE: Final = "(outside)"
"""The column of what no thread of the program did: timers, and signals from elsewhere."""

DECISIVE: Final[dict[str, str]] = {
    "lock.wait": "wait {object}",
    "lock.fail": "{object}: {error}",
    "wait.begin": "wait {object}",
    "signal.send": "send {signal} to {target}",
    "signal.deliver": "{signal} arrives",
    "signal.return": "{signal} handled",
    "signal.drop": "{signal} dropped: {reason}",
    "signal.take": "take {signal}",
    "process.exit": "exit {status}",
    "process.kill": "killed by {signal}",
    "process.stop": "stopped by {signal}",
    "process.continue": "goes on",
    "fault": "fault {signal}",
    "print": "print {text!r}",
    "inject": "chaos: {object}",
}
"""Kinds of event that any schedule shows, with their words."""

LOCKS: Final[dict[str, str]] = {
    "lock.acquire": "lock {object}",
    "lock.release": "unlock {object}",
    "wait.end": "{woken} {object}",
    "wake": "wake {object}",
    "thread.stall": "stall",
    "thread.suspend": "suspend",
    "thread.resume": "resume",
}
"""Kinds that are shown for the objects of the finding, and for others where there is room."""

DETAIL: Final[dict[str, str]] = {
    "word.load": "load {object}: {value}",
    "word.store": "store {object}: {value}",
    "word.exchange": "exchange {object}: {old} -> {value}",
    "word.cas": "cas {object}: {old} -> {value}",
    "word.add": "add {object}: {old} -> {value}",
    "syscall": "{call}",
    "timer.fire": "{timer} fires",
    "note": "{text}",
}
"""Kinds that are shown where there is room."""

TIERS: Final = (DECISIVE | LOCKS | DETAIL, DECISIVE | LOCKS, DECISIVE)
"""What to show, from everything to the least; the first that fits is taken."""


LONGEST: Final = 40
"""How many characters of a step's words are shown."""


class Step(NamedTuple):
    """One line of a schedule: step of the run, thread, handlers deep, words, and place."""

    number: int
    thread: str
    depth: int
    words: str
    place: Place | None


def steps_of(events: Sequence[Event], objects: Sequence[str], room: int) -> list[Step]:
    """The steps to show of a run whose finding is about `objects`.

    As much as fits into `room` lines; what decides is shown even where it does not fit.
    """
    shown: list[Step] = []
    for words in TIERS:
        shown = [_step(event, words) for event in events if _matters(event, words, objects)]
        if len(shown) <= room:
            break
    return shown


def _matters(event: Event, words: dict[str, str], objects: Sequence[str]) -> bool:
    if event.event == "print" and not event.fields["text"]:
        return False
    return event.event in words or (event.event in LOCKS and event.object in objects)


def _step(event: Event, words: dict[str, str]) -> Step:
    form = words.get(event.event) or LOCKS[event.event]
    text = " ".join(form.format(object=event.object, **event.fields).split())
    if len(text) > LONGEST:
        text = f"{text[: LONGEST - 1]}…"
    thread = event.thread or OUTSIDE
    return Step(event.step, thread, event.depth, text, parse_place(event.at))
