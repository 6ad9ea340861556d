"""Signals under way: which delivery is of which sending, and what became of the others.

An instance of a signal that is pending already for the same thread or process is merged with it,
unless it is a real-time signal (signal(7), "Queueing and delivery semantics"). That is inferred:
of several sendings between two deliveries the first one is delivered, the others were merged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from emu.analysis.strace.threads import Process, Thread
from emu.analysis.strace.timeline import Draft

PENDING: Final = "pending"
COALESCED: Final = "coalesced"
IGNORED: Final = "ignored"

_REAL_TIME: Final = 32


@dataclass(eq=False)
class Send:
    """A signal that was sent, and has not been delivered. `passed`: another one was, since."""

    draft: Draft
    sender: Thread
    scope: Thread | Process
    passed: bool = False


class Sends:
    """The signals under way."""

    def __init__(self) -> None:
        self._under_way: dict[tuple[Thread | Process, int], list[Send]] = {}

    def send(self, draft: Draft, sender: Thread, scope: Thread | Process, signal: int) -> None:
        """A thread sends a signal to a thread or to a process."""
        waiting = self._under_way.setdefault((scope, signal), [])
        if signal < _REAL_TIME:
            for one in waiting:
                if one.passed:
                    one.draft.fields["fate"] = COALESCED
            waiting[:] = [one for one in waiting if not one.passed]
        waiting.append(Send(draft, sender, scope))

    def deliver(self, thread: Thread, signal: int, *, directed: bool) -> Send | None:
        """A signal reaches a thread; gives the sending, if it was seen."""
        scopes: tuple[Thread | Process, ...] = (thread, thread.process)
        for scope in scopes if directed else scopes[::-1]:
            waiting = self._under_way.get((scope, signal))
            if waiting:
                sent = waiting.pop(0)
                for one in waiting:
                    one.passed = True
                sent.draft.fields["chosen"] = thread
                return sent
        return None

    def end(self) -> None:
        """The trace is over: what did not arrive waits, or was merged with what does."""
        for (_, signal), waiting in self._under_way.items():
            if signal < _REAL_TIME:
                first = not any(one.passed for one in waiting)
                for one in waiting[1 if first else 0 :]:
                    one.draft.fields["fate"] = COALESCED
