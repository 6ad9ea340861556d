"""Reads a log back: the history that wrote it, or the file and line where it is damaged.

A log of level `all` must have the digest of its events. A log of level `locks` gives a
history with a part of the events, which says so; its digest stands for the whole run.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import zstandard

from emu.errors import LogError, TapeError
from emu.record.event import RawEvent, is_count
from emu.record.finding import Blocked, Finding, Outcome, RunInfo
from emu.record.history import ALL, HEAD, TAIL, Ending, History
from emu.record.line import parse
from emu.record.row import raw_of
from emu.record.shape import Lines, Told
from emu.record.tape import CHECKSUM_DIGITS, parse_tape

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

PARTS: Final = (ALL, "locks")
"""The levels that the head of a log can have: which events are in it."""

_DIGEST: Final = re.compile("[0-9a-f]{64}")

_SHAPES: Final[dict[str, type]] = {
    "str": str,
    "int": int,
    "dict[str, Any]": dict,
    "tuple[Any, ...]": list,
    "tuple[str, ...]": list,
    "tuple[Blocked, ...]": list,
}
"""What JSON has for each annotation in `finding.py`."""

_TAIL_SHAPES: Final[dict[str, type]] = {
    "event": str,
    "outcome": str,
    "reason": str,
    "steps": int,
    "t": int,
    "tape": str,
    "digest": str,
    "findings": list,
}

_HEAD_NAMES: Final = frozenset(item.name for item in fields(RunInfo))

Value = TypeVar("Value", bound="DataclassInstance")


def read_history(path: Path | str) -> History:
    """The history that the log at `path` holds.

    Raises `LogError`, with file and line, for a log that cannot be read, is cut off, is
    damaged, or is none.
    """
    return parse_history(_lines(Path(path)), str(path))


def parse_history(
    lines: Iterable[bytes], name: str, first: int = 1, *, newer: bool = False
) -> History:
    """The history that these lines hold, from line `first` of the file called `name`.

    Those of a `newer` emu may have fields that this one does not know; they are left out.
    """
    number = first - 1
    info: RunInfo | None = None
    level = ALL
    ending: Ending | None = None
    raw: list[RawEvent] = []
    sha = hashlib.sha256()
    for number, line in enumerate(lines, start=first):
        try:
            row = parse(line)
            if info is None:
                info, level = head_of(row, newer=newer)
            elif ending is not None:
                raise ValueError(_after_the_end(row.get("event")))
            elif row.get("event") == TAIL:
                ending = ending_of(row, newer=newer)
            else:
                raw.append(raw_of(row, newer=newer))
                sha.update(line)
        except (ValueError, TapeError) as wrong:
            raise LogError(f"{name}:{number}: {wrong}") from None
    if info is None:
        raise LogError(f"{name}: the log is empty")
    if ending is None:
        raise LogError(f"{name}:{number}: the log is cut off here: it has no {TAIL!r} line")
    history = History(info, raw, ending, level, parsed=True)
    if level == ALL:
        history.settle(sha)  # the lines are those that were written, as a rule
        if history.digest != ending.digest:
            history = replace(history)  # or they are spelled otherwise, and say the same
    if history.digest != ending.digest:
        raise LogError(
            f"{name}:{number}: the digest of the events is {history.digest[:8]}…, "
            f"the log says {ending.digest[:8]}…: it was changed after it was written"
        )
    return history


def parse_pieces(
    pieces: Sequence[bytes], name: str, first: int = 1, *, newer: bool = False
) -> History:
    """The history that these pieces hold, each some lines, as `parse_history` gives it.

    By far quicker, where all lines are as they were written.
    """
    history = _as_written(pieces)
    if history is None:
        lines = (line for piece in pieces for line in BytesIO(piece))
        history = parse_history(lines, name, first, newer=newer)
    return history


def _as_written(pieces: Sequence[bytes]) -> History | None:
    """The history that pieces hold, if every line is sure to be as it was written."""
    if not pieces:
        return None
    last = len(pieces) - 1
    begin, end = pieces[0].find(b"\n") + 1, pieces[last].rfind(b"\n", 0, -1) + 1
    if not last and end < begin:
        return None
    lines = [
        Lines(piece, 0 if at else begin, end if at == last else len(piece))
        for at, piece in enumerate(pieces)
    ]
    try:
        info, level = head_of(parse(pieces[0][:begin]))
        tail = parse(pieces[last][end:])
        ending = ending_of(tail)
        raw = Told(lines)
    except (ValueError, TapeError):
        return None
    if tail["event"] != TAIL:
        return None
    history = History(info, raw, ending, level, parsed=True)
    if level == ALL:
        sha = hashlib.sha256()
        for text, start, stop in lines:
            sha.update(memoryview(text)[start:stop])
        history.settle(sha)
    return history if history.digest == ending.digest else None


def _lines(path: Path) -> Iterator[bytes]:
    """The lines of a log; one whose name ends in `.zst` is compressed."""
    try:
        if path.suffix != ".zst":
            with path.open("rb") as file:
                yield from file
            return
        with zstandard.open(path, "rb") as file:
            yield from BytesIO(file.read())
    except OSError as wrong:
        raise LogError(f"cannot read the log {path}: {wrong.strerror or wrong}") from None
    except zstandard.ZstdError as wrong:
        raise LogError(f"cannot read the log {path}: it is damaged: {wrong}") from None


def head_of(row: dict[str, Any], *, newer: bool = False) -> tuple[RunInfo, str]:
    """What the first line of a run says, and its level; raises `ValueError` if it is none."""
    if row.get("event") != HEAD:
        raise ValueError(f"not a log of emu: a log begins with a {HEAD!r} line")
    level = row.get("level")
    if level not in PARTS:
        raise ValueError(f"the log is of level {level!r}; this emu reads {' and '.join(PARTS)}")
    where = f"the {HEAD!r} line"
    own = {name: value for name, value in row.items() if name not in ("event", "level")}
    info = value_of(RunInfo, _known(own, _HEAD_NAMES) if newer else own, where)
    _check_counts(row, where)
    return info, level


def _after_the_end(kind: object) -> str:
    """What is wrong with a line of this kind after the last one of a run."""
    if kind == HEAD:
        return (
            "a second run begins here, where a log of one run is wanted; put the run that is meant "
            "into a file of its own, or ask all of them with 'emu logs'"
        )
    return (
        f"a {kind!r} line follows the {TAIL!r} line, which is the last of a run; remove what "
        "follows it and is of no run"
    )


def ending_of(row: dict[str, Any], *, newer: bool = False) -> Ending:
    """What the last line of a run says; raises `ValueError` or `TapeError` if it is none."""
    where = f"the {TAIL!r} line"
    _check(_known(row, _TAIL_SHAPES.keys()) if newer else row, _TAIL_SHAPES, where)
    _check_counts(row, where)
    tape, digest = parse_tape(row["tape"]), row["digest"]
    if not _DIGEST.fullmatch(digest) or tape.checksum != digest[:CHECKSUM_DIGITS]:
        raise ValueError(f"{where}: the tape {tape} does not belong to the digest {digest!r}")
    outcome = Outcome(row["outcome"], row["reason"])
    findings = tuple(finding_of(finding) for finding in row["findings"])
    return Ending(tape, outcome, findings, row["steps"], row["t"], digest)


def finding_of(row: object) -> Finding:
    """The finding that `asdict` made this row of; raises `ValueError` for anything else."""
    finding = value_of(Finding, row, "a finding")
    return replace(
        finding,
        cycle=tuple(value_of(Blocked, one, "a wait of a finding") for one in finding.cycle),
        blocked=tuple(value_of(Blocked, one, "a wait of a finding") for one in finding.blocked),
    )


def value_of(make: type[Value], row: object, where: str) -> Value:
    """A flat value of the record, from a row with exactly its fields; raises `ValueError`."""
    shapes = {item.name: _SHAPES[str(item.type)] for item in fields(make)}
    checked = _check(row, shapes, where)
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in checked.items()
    }
    return make(**values)


def _known(row: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name in names}


def _check_counts(row: dict[str, Any], where: str) -> None:
    for name, value in row.items():
        if type(value) is int and not is_count(name, value):
            raise ValueError(f"{where} has {value!r} for {name!r}")


def _check(row: object, shapes: dict[str, type], where: str) -> dict[str, Any]:
    if not isinstance(row, dict) or row.keys() != shapes.keys():
        raise ValueError(f"{where} has the fields {', '.join(shapes)}")
    for name, shape in shapes.items():
        if type(row[name]) is not shape:
            raise ValueError(f"{where} has {row[name]!r} for {name!r}")
    return row
