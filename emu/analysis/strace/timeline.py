"""Events, each at a moment of the trace, or just before one that shows what had happened by then.

A draft is an event whose fields may still become known: who held a lock is known once somebody
lets go of it. A field may hold a thread; the log has its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from emu.analysis.strace.threads import Thread, Trace
from emu.record.event import KINDS, RawEvent

BEFORE: Final = -1
"""Just before a moment."""

AFTER: Final = 1
"""Just after a moment."""


_MANY: Final = 1 << 60
"""More drafts than there are: what comes before a draft counts up to it."""


@dataclass(slots=True)
class Draft:
    """An event. `key` is where it belongs: its moment, before or after that, in which order."""

    key: tuple[int, ...]
    thread: Thread | None
    kind: str
    object: str
    place: str
    depth: int
    fields: dict[str, Any]


class Timeline:
    """Collects drafts, in any order. `depths` has for each moment how many handlers deep it is."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.depths = [0] * len(trace.moments)
        self._drafts: list[Draft] = []
        self._count = count()

    def add(
        self,
        moment: int,
        thread: Thread | None,
        kind: str,
        object_: str = "",
        fields: dict[str, Any] | None = None,
        *,
        rank: int = 0,
        before: Draft | None = None,
        depth: int | None = None,
        place: str = "",
    ) -> Draft:
        """An event of `thread` at a moment, also at one of another thread.

        With `before` it comes just before that event, and after all others that do.
        """
        if depth is None:
            depth = 0 if thread is None else self.depth(thread, moment)
        number = next(self._count)
        key: tuple[int, ...] = (moment, rank, number, 0)
        if before is not None:
            key = (*before.key[:-1], number - _MANY, 0)
        draft = Draft(key, thread, kind, object_, place, depth, fields or {})
        self._drafts.append(draft)
        return draft

    def depth(self, thread: Thread, moment: int) -> int:
        """How many handlers deep a thread is at a moment."""
        last = thread.last_before(moment)
        return 0 if last is None else self.depths[last]

    def events(self) -> list[RawEvent]:
        """All of them in their order; time begins with the first moment."""
        moments = self.trace.moments
        zero = moments[0].t if moments else 0
        return [
            (
                draft.kind,
                moments[draft.key[0]].step,
                moments[draft.key[0]].t - zero,
                draft.thread.name if draft.thread is not None else "",
                draft.depth,
                draft.object,
                draft.place or None,
                -1,
                "",
                tuple(_plain(draft.fields[name]) for name in KINDS[draft.kind]),
            )
            for draft in sorted(self._drafts, key=lambda draft: draft.key)
        ]


def _plain(value: Any) -> Any:
    if isinstance(value, Thread):
        return value.name
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value
