"""The history of one run: what was run, its events, its tape, how it ended and what was found.

The log is the history: `read_history` gives back a value equal to the one that was written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import orjson

from emu.errors import LogError, TapeError
from emu.record import event as schema
from emu.record.event import Event, RawEvent
from emu.record.finding import Blocked, Finding, Outcome, RunInfo
from emu.record.place import resolve
from emu.record.tape import CHECKSUM_DIGITS, Tape, parse_tape

HEAD: Final = "run"
TAIL: Final = "end"


@dataclass(frozen=True, slots=True)
class Ending:
    """The last line of a log: everything but what was run and the events."""

    tape: Tape
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    steps: int = 0
    t: int = 0


@dataclass(frozen=True)
class History:
    """What one run leaves behind. `raw` events are resolved to `events` when asked for."""

    info: RunInfo
    raw: Sequence[RawEvent] = field(repr=False, compare=False)
    ending: Ending

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """Every event in order."""
        return tuple(event_of(row) for row in self.rows())

    @cached_property
    def digest(self) -> str:
        """The SHA-256, in hexadecimal, of the events and the outcome: equal runs, equal digests."""
        sha = hashlib.sha256()
        for row in self.rows():
            sha.update(orjson.dumps(row))
            sha.update(b"\n")
        sha.update(self.outcome.name.encode())
        return sha.hexdigest()

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
        """Each event as a line of the log, flat."""
        return map(row_of, self.raw)

    def head(self) -> dict[str, Any]:
        """The first line of the log."""
        return {"event": HEAD, **asdict(self.info)}

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

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, History):
            return NotImplemented
        return (
            self.head() == other.head()
            and self.events == other.events
            and self.tail() == other.tail()
        )

    __hash__ = None  # type: ignore[assignment]


def row_of(raw: RawEvent) -> dict[str, Any]:
    """A raw event as a line of the log, flat, in the order of the schema."""
    kind, step, t, thread, depth, obj, code, lasti, region, values = raw
    row: dict[str, Any] = {
        "event": kind,
        "step": step,
        "t": t,
        "thread": thread,
        "depth": depth,
        "object": obj,
        "at": resolve(code, lasti),
        "region": region,
    }
    row.update(zip(schema.KINDS[kind], values, strict=True))
    return row


def event_of(row: dict[str, Any]) -> Event:
    """The event that a line of the log holds; raises `ValueError` for anything else."""
    kind = row.get("event")
    own = schema.KINDS.get(kind) if isinstance(kind, str) else None
    if own is None:
        raise ValueError(f"{kind!r} is no kind of event")
    wanted = (*schema.COMMON, *own)
    if row.keys() != set(wanted):
        raise ValueError(f"a {kind!r} event has the fields {', '.join(wanted)}")
    return Event(*(row[name] for name in schema.COMMON), {name: row[name] for name in own})


class _Read(History):
    """A history that was read back: its events are there already."""

    def __init__(self, info: RunInfo, events: tuple[Event, ...], ending: Ending) -> None:
        super().__init__(info, (), ending)
        self.__dict__["events"] = events

    def rows(self) -> Iterator[dict[str, Any]]:
        return (event.as_dict() for event in self.events)


def read_history(path: Path | str) -> History:
    """The history that the log at `path` holds.

    Raises `LogError`, with file and line, for a log that cannot be read, is cut off, is
    damaged, or whose digest is not that of its events (a log of level `all` holds them all).
    """
    return parse_history(_lines(Path(path)), str(path))


def parse_history(lines: Iterable[bytes], name: str) -> History:
    """The history that these lines hold; `name` is the file's, for messages."""
    rows = _rows(lines, name)
    number, head = next(rows, (1, None))
    if head is None or head.get("event") != HEAD:
        raise LogError(f"{name}:{number}: a log begins with a {HEAD!r} line")
    try:
        info = RunInfo(**{item.name: head[item.name] for item in fields(RunInfo)})
    except KeyError as missing:
        raise LogError(f"{name}:{number}: the {HEAD!r} line lacks {missing}") from None
    events = []
    for number, row in rows:
        if row.get("event") == TAIL:
            history = _Read(_thaw_info(info), tuple(events), _ending(row, f"{name}:{number}"))
            if history.digest != row["digest"]:
                raise LogError(
                    f"{name}:{number}: the events have digest {history.digest[:8]}…, the log "
                    f"says {row['digest'][:8]}…: it was changed, or holds a part of the events"
                )
            return history
        try:
            events.append(event_of(row))
        except ValueError as wrong:
            raise LogError(f"{name}:{number}: {wrong}") from None
    raise LogError(f"{name}:{number}: the log is cut off: it has no {TAIL!r} line")


def _thaw_info(info: RunInfo) -> RunInfo:
    return RunInfo(**{**asdict(info), "chaos": tuple(info.chaos)})


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as wrong:
        raise LogError(f"cannot read the log {path}: {wrong.strerror or wrong}") from None


def _rows(lines: Iterable[bytes], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(lines, start=1):
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as wrong:
            cut = "" if line.endswith(b"\n") else " (the log is cut off here)"
            raise LogError(f"{name}:{number}: not a line of JSON: {wrong}{cut}") from None
        if not isinstance(row, dict):
            raise LogError(f"{name}:{number}: a line of a log is a JSON object")
        yield number, row


def _ending(row: dict[str, Any], where: str) -> Ending:
    try:
        return Ending(
            parse_tape(row["tape"]),
            Outcome(row["outcome"], row["reason"]),
            tuple(_finding(finding) for finding in row["findings"]),
            row["steps"],
            row["t"],
        )
    except (KeyError, TypeError, TapeError) as wrong:
        raise LogError(f"{where}: the {TAIL!r} line is damaged: {wrong}") from None


def _finding(row: dict[str, Any]) -> Finding:
    frozen = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    for key in ("cycle", "blocked"):
        frozen[key] = tuple(_blocked(one) for one in row[key])
    return Finding(**frozen)


def _blocked(row: dict[str, Any]) -> Blocked:
    return Blocked(
        **{key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    )
