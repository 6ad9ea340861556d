"""Waits that are no waits for a lock: on other futexes, for the end of a thread, in other calls.

Whom a wake-up woke is inferred: of the threads that wait on the word when it is called, those that
come back first, as many as it says. A wait that a signal interrupts and that goes on is two waits.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any, Final

from emu.analysis.strace.calls import SLEEPS, WAITS
from emu.analysis.strace.futexes import Kind, Use, Word
from emu.analysis.strace.moments import Enter, Leave, Syscall
from emu.analysis.strace.scanning import items, members, number
from emu.analysis.strace.threads import Thread
from emu.analysis.strace.timeline import Draft, Timeline

WOKEN: Final = "woken"
TIMEOUT: Final = "timeout"
INTERRUPTED: Final = "interrupted"
_WAKES: Final = ("wake", "requeue", "wake_op")
_WAITS: Final = ("wait", "wait_pi")
_NEVER_WAITED: Final = ("EAGAIN", "EFAULT", "EINVAL", "ENOSYS")


@dataclass
class _Wake:
    """A wake-up, and how many threads it has still to be told of."""

    at: int
    draft: Draft
    left: int


def tell_word(word: Word, timeline: Timeline) -> None:
    """Add the events of a word that is no lock."""
    wakes: list[_Wake] = []
    since: dict[Thread, int] = {}
    for use in word.uses:
        act, call = use.request.act, use.call
        if act in _WAITS and not use.second:
            if call.error in _NEVER_WAITED:
                continue
            call.told = True
            joined = word.ends.get(use.request.value) if word.kind is Kind.THREAD else None
            if joined is not None and call.succeeded:
                _join(use, joined, timeline)
            elif use.begins:
                since[use.thread] = use.at
                _begin(use, word, joined, timeline)
            else:
                _end(use, word, joined, timeline)
                if call.succeeded:
                    _credit(use, since.get(use.thread, use.at), wakes)
        elif act in _WAKES and use.begins and not use.second and call.succeeded:
            call.told = True
            fields: dict[str, Any] = {"what": "futex", "woken": []}
            draft = timeline.add(use.at, use.thread, "wake", word.name, fields, place=call.at)
            wakes.append(_Wake(use.at, draft, min(call.value or 0, use.request.value)))


def _join(use: Use, joined: Thread, timeline: Timeline) -> None:
    """A join that was waited for is told at its end, as in emu's logs."""
    if not use.begins:
        place = use.call.at
        timeline.add(use.at, use.thread, "thread.join", joined.name, {"waited": True}, place=place)


def _begin(use: Use, word: Word, joined: Thread | None, timeline: Timeline) -> None:
    what = "futex" if joined is None else "join"
    name = word.name if joined is None else joined.name
    timeline.add(use.at, use.thread, "wait.begin", name, {"what": what}, place=use.call.at)


def _end(use: Use, word: Word, joined: Thread | None, timeline: Timeline) -> None:
    what = "futex" if joined is None else "join"
    name = word.name if joined is None else joined.name
    fields = {"what": what, "woken": _reason(use.call)}
    timeline.add(use.at, use.thread, "wait.end", name, fields, place=use.call.at)


def _credit(use: Use, since: int, wakes: list[_Wake]) -> None:
    """The first wake-up of those during the wait that may have woken more, woke this thread."""
    for nth in range(bisect_right(wakes, since, key=lambda wake: wake.at), len(wakes)):
        wake = wakes[nth]
        if wake.left and wake.at < use.at:
            wake.left -= 1
            wake.draft.fields["woken"].append(use.thread)
            return


def _reason(call: Syscall) -> str:
    if call.error == "ETIMEDOUT":
        return TIMEOUT
    return INTERRUPTED if call.error.startswith("ERESTART") or call.error == "EINTR" else WOKEN


def tell_calls(timeline: Timeline) -> None:
    """Add the waits, and the results, of every call that no other event tells."""
    trace = timeline.trace
    entered: dict[int, int] = {}
    for at, moment in enumerate(trace.moments):
        thread = trace.who[at]
        match moment.what:
            case Enter(call) if not call.told:
                entered[thread.tid] = at
                if call.name in WAITS:
                    timeline.add(at, thread, "wait.begin", "", {"what": call.name}, place=call.at)
                elif call.name in SLEEPS and call.result is None:
                    _sleep(at, thread, call, _asked(call), timeline)
            case Leave(call) if not call.told:
                if call.name in SLEEPS:
                    began = entered.get(thread.tid, at)
                    lasted = moment.t - trace.moments[began].t
                    _sleep(began, thread, call, lasted, timeline)
                elif call.name in WAITS:
                    fields = {"what": call.name, "woken": _reason(call)}
                    timeline.add(at, thread, "wait.end", "", fields, place=call.at)
                if call.name not in SLEEPS or call.error:
                    _result(at, thread, call, timeline)


def _sleep(at: int, thread: Thread, call: Syscall, lasts: int, timeline: Timeline) -> None:
    timeline.add(at, thread, "thread.sleep", "", {"duration": lasts}, place=call.at)


def _asked(call: Syscall) -> int:
    """For how long a call asks to sleep, in ns; 0 if it says until when instead."""
    given = items(call.arguments)
    if any("TIMER_ABSTIME" in one for one in given):
        return 0
    until = next((one for one in given if one.startswith("{")), "{0, 0}")
    named = members(until)
    bare = items(until[1:-1])  # as older versions of strace write it
    parts = [named["tv_sec"], named["tv_nsec"]] if {"tv_sec", "tv_nsec"} <= named.keys() else bare
    seconds, ns = (number(part) or 0 for part in [*parts, "0", "0"][:2])
    return seconds * 1_000_000_000 + ns


def _result(at: int, thread: Thread, call: Syscall, timeline: Timeline) -> None:
    fields = {"call": call.name, "result": call.value, "error": call.error or None}
    timeline.add(at, thread, "syscall", "", fields, place=call.at)
