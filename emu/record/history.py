"""The history of one run: what was run, its events, its tape, how it ended, what was found.

The log is the history: reading one gives back a value equal to the one that was written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Final

import orjson

from emu.record.event import Event, RawEvent
from emu.record.finding import Finding, Outcome, RunInfo
from emu.record.line import render
from emu.record.row import event_of, event_read, row_of
from emu.record.shape import Shape, Told
from emu.record.tape import CHECKSUM_DIGITS, Tape

HEAD: Final = "run"
TAIL: Final = "end"
"""What the first and the last line of a log have for `event`."""

ALL: Final = "all"
"""The level of a history that has every event."""

LEVELS: Final[dict[str, str]] = {
    "all": "every event",
    "locks": "waits for locks, acquisitions, releases, and where threads start and end",
    "findings": "every event, of a run that found something; nothing of any other",
    "none": "nothing",
}
"""What a log keeps, by its level."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The last line of a log: everything but what was run and the events.

    `t` is in ns. `digest` is that of the whole run, for a history that has a part of it.
    """

    tape: Tape
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    steps: int = 0
    t: int = 0
    digest: str = ""


@dataclass(frozen=True)
class History:
    """What one run leaves behind. `raw` events are resolved to `events` when asked for.

    A history that was read from a log of another `level` than `all` has a part of the events.
    `parsed`: the values of its events are those that a line has, for they were read from one.
    """

    info: RunInfo
    raw: Sequence[RawEvent] = field(repr=False, compare=False)
    ending: Ending
    level: str = ALL
    parsed: bool = field(default=False, repr=False)

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """Every event in order, each with the values that its line in the log has."""
        if self.parsed:
            return tuple(map(event_read, self.raw))
        return tuple(event_of(orjson.loads(line)) for line in self.lines())

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """The shape of every event in order; read from a log, those that are alike are one."""
        if isinstance(self.raw, Told):
            return self.raw.shapes
        return tuple(map(Shape.of, self.events))

    @cached_property
    def digest(self) -> str:
        """The SHA-256, in hexadecimal, of the events and the outcome: equal runs, equal digests."""
        if self.level != ALL:
            return self.ending.digest
        sha = hashlib.sha256()
        for line in self.lines():
            sha.update(line)
        return self._sealed(sha)

    @property
    def tape(self) -> Tape:
        """The tape with its checksum."""
        return Tape(self.ending.tape.deviations, self.digest[:CHECKSUM_DIGITS])

    @property
    def outcome(self) -> Outcome:
        """How the emulated process ended."""
        return self.ending.outcome

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong, if anything."""
        return self.ending.findings

    @property
    def steps(self) -> int:
        """How many steps the run took."""
        return self.ending.steps

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each event as a flat mapping, its values as the machine noted them."""
        return map(row_of, self.raw)

    def lines(self) -> Iterator[bytes]:
        """Each event as a line of the log."""
        return map(render, self.rows())

    def head(self, level: str = "") -> dict[str, Any]:
        """The first line of the log; `level` is the log's, where it is not the history's."""
        return {"event": HEAD, **asdict(self.info), "level": level or self.level}

    def tail(self) -> dict[str, Any]:
        """The last line of the log."""
        ending = self.ending
        return {
            "event": TAIL,
            "outcome": ending.outcome.name,
            "reason": ending.outcome.reason,
            "steps": ending.steps,
            "t": ending.t,
            "tape": str(self.tape),
            "digest": self.digest,
            "findings": [asdict(finding) for finding in ending.findings],
        }

    def settle(self, sha: hashlib._Hash) -> None:
        """Take the digest from a SHA-256 that has seen every line: whoever wrote them made it."""
        self.__dict__.setdefault("digest", self._sealed(sha))

    def _sealed(self, sha: hashlib._Hash) -> str:
        sha.update(self.outcome.name.encode())
        return sha.hexdigest()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, History):
            return NotImplemented
        ours, theirs = ((render(one.head()), render(one.tail())) for one in (self, other))
        return ours == theirs and self.events == other.events

    __hash__ = None  # type: ignore[assignment]  # a history is big, and compared by its log
