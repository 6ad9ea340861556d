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
    "lock.destroy": "destroy {object}",
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
    "inject": "chaos: {object}{inside}",
}
"""Kinds of event that any schedule shows, with their words; `inside` is the innermost region."""

LOCKS: Final[dict[str, str]] = {
    "lock.acquire": "lock {object}",
    "lock.release": "unlock {object}",
    "chan.send": "send {value} on {object}",
    "chan.receive": "receive {value} on {object}",
    "chan.close": "close {object}",
    "group.add": "{object}: {count}",
    "cancel": "cancel {object}",
    "wait.end": "{woken} {object}",
    "wake": "wake {object}",
    "thread.stall": "stall",
    "thread.suspend": "suspend",
    "thread.resume": "resume",
}
"""Kinds that are shown for the objects of the finding, and for others where there is room."""

DETAIL: Final[dict[str, str]] = {
    "once": "once {object}",
    "word.load": "load {object}: {value}",
    "word.store": "store {object}: {value}",
    "word.exchange": "exchange {object}: {old} -> {value}",
    "word.cas": "cas {object}: {old} -> {value}",
    "word.add": "add {object}: {old} -> {value}",
    "select": "select {taken}",
    "syscall": "{call}",
    "timer.fire": "{timer} fires",
    "note": "{text}",
}
"""Kinds that are shown where there is room."""

SPAWNS: Final[dict[str, str]] = {"thread.spawn": "start {child}"}
"""A kind that is shown where a long history leaves little else to see of a thread."""

QUIET: Final[dict[str, str]] = {
    "thread.start": "begins",
    "thread.end": "ends",
    "thread.join": "has joined {object}",
    "thread.sleep": "sleeps",
    "signal.enter": "handler of {signal}",
}
"""Kinds that a schedule does not show."""

PRINT: Final = "print "
CHAOS: Final = "chaos: "
CAUSED: Final = ("send ", "fault ")
CONTENDED: Final = -1

LONGEST: Final = 50
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

    As much as fits into `room` lines. Where not even all locks do, only the finding's own
    are shown, and of these none that was taken and given back while nobody wanted it.
    """
    shown: list[Step] = []
    for words in (DECISIVE | LOCKS | DETAIL, DECISIVE | LOCKS):
        shown = _collapsed([step_of(event) for event in events if event.event in words])
        if len(shown) <= room:
            return shown
    quiet = _uncontended(events)
    return _collapsed(
        [
            step_of(event)
            for index, event in enumerate(events)
            if event.event in DECISIVE
            or (event.event in LOCKS and event.object in objects and index not in quiet)
            or (event.event in SPAWNS and event.thread)
        ]
    )


def step_of(event: Event) -> Step:
    """Any event as a step."""
    thread = event.thread or OUTSIDE
    return Step(event.step, thread, event.depth, words_of(event), parse_place(event.at))


def words_of(event: Event) -> str:
    """Any event in a few words."""
    form = (DECISIVE | LOCKS | DETAIL | SPAWNS | QUIET).get(event.event)
    return _filled(form or f"{event.event} {{object}}", event)


def _filled(form: str, event: Event) -> str:
    inside = f" in {event.region.rpartition('/')[2]}" if event.region else ""
    text = " ".join(form.format(object=event.object, inside=inside, **event.fields).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _collapsed(steps: Sequence[Step]) -> list[Step]:
    """The steps without those that only repeat the one before."""
    kept: list[Step] = []
    for step in steps:
        if not (kept and repeats(step, kept[-1])):
            kept.append(step)
    return kept


def repeats(step: Step, before: Step) -> bool:
    """A further line that is printed, or what an injection says by itself that it does."""
    if step.thread != before.thread:
        return False
    if step.words.startswith(PRINT):
        return before.words.startswith(PRINT)
    caused = before.words.startswith(CHAOS) and step.number == before.number
    return caused and step.words.startswith(CAUSED)


def _uncontended(events: Sequence[Event]) -> set[int]:
    """The acquisitions, with their releases, during which nobody waited for the lock."""
    quiet: set[int] = set()
    held: dict[tuple[str, str], list[int]] = {}
    for index, event in enumerate(events):
        key = (event.object, event.thread)
        if event.event == "lock.acquire":
            held.setdefault(key, []).append(index)
        elif event.event == "lock.wait":
            for (name, _), taken in held.items():
                if name == event.object:
                    taken[:] = [CONTENDED] * len(taken)
        elif event.event == "lock.release" and held.get(key):
            taken_at = held[key].pop()
            if taken_at != CONTENDED:
                quiet |= {taken_at, index}
    return quiet
