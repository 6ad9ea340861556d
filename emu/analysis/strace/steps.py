"""What the calls on a lock's word say of the lock, one after the other.

Whether a wait that came back means that its thread has the lock shows only later: it has it if it
goes on to something else. From when it has it, is not before the last call by which another one
lets go of it until then, nor before the word says that another one has it. The kernel itself hands
over a mutex of priority inheritance, so there a call that comes back without an error is enough.
"""

from __future__ import annotations

from itertools import islice
from typing import Literal, NamedTuple

from emu.analysis.strace.futexes import Kind, Use, Word, owner_of, went_on
from emu.analysis.strace.threads import Thread
from emu.analysis.strace.timeline import Timeline

Act = Literal["begin", "acquire", "fail", "release"]


class Step(NamedTuple):
    """At a moment, a thread finds the lock held, has it, gives up on it, or lets go of it.

    `sure` is the moment that shows that it has it; `owner` is who has it, if the word says so.
    """

    at: int
    act: Act
    use: Use
    sure: int
    owner: Thread | None = None


def steps_of(word: Word, timeline: Timeline) -> list[Step]:
    """What says something of a lock, in order; marks the calls that are told so."""
    found = []
    for number, use in enumerate(word.uses):
        step = _handed_over(use) if word.kind is Kind.PI else _taken(word, number, timeline)
        if step is not None:
            found.append(step)
    return sorted(found, key=lambda step: (step.at, step.act == "acquire", step.use.at))


def _taken(word: Word, number: int, timeline: Timeline) -> Step | None:
    """Of a lock that threads take by themselves."""
    use = word.uses[number]
    act, call = use.request.act, use.call
    if act == "wait" and use.begins:
        call.told = True
        return Step(use.at, "begin", use, use.at, _owner(word, use, timeline))
    if act == "wait" and call.error == "ETIMEDOUT":
        return Step(use.at, "fail", use, use.at)
    if act == "wait":
        sure = went_on(timeline, use)
        since = use.at if sure is None else _free(word, number, sure, timeline)
        return None if sure is None else Step(since, "acquire", use, sure)
    if use.begins and (act == "wake" or (act == "wake_op" and use.second)):
        call.told = call.told or act == "wake"
        return Step(use.at, "release", use, use.at)
    return None


def _handed_over(use: Use) -> Step | None:
    """Of a lock that the kernel hands over."""
    act, call = use.request.act, use.call
    if act == "unlock_pi":
        if not use.begins or not call.succeeded:
            return None
        call.told = True
        return Step(use.at, "release", use, use.at)
    if act == "lock_pi" and use.begins:
        call.told = True
        return Step(use.at, "begin", use, use.at)
    if act in ("lock_pi", "trylock_pi", "wait_pi") and not use.begins:
        call.told = call.told or act == "trylock_pi"
        if call.succeeded:
            return Step(use.at, "acquire", use, use.at)
        if act != "wait_pi" and not call.error.startswith("ERESTART"):
            return Step(use.at, "fail", use, use.at)
    return None


def _free(word: Word, number: int, sure: int, timeline: Timeline) -> int:
    """From when a thread may have the lock: until when others show that it has not."""
    back = word.uses[number]
    at = back.at
    for use in islice(word.uses, number + 1, None):
        if use.at >= sure:
            break
        if use.thread is not back.thread and use.begins:
            owner = _owner(word, use, timeline)
            if use.request.act != "wait" or (owner is not None and owner is not back.thread):
                at = use.at
    return at


def _owner(word: Word, use: Use, timeline: Timeline) -> Thread | None:
    return owner_of(use, timeline) if word.kind is Kind.OWNED else None
