"""What a user asks in SQL, and the schema to ask by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from emu.analysis.tables.columns import ADDED, COLUMNS, HEAD_FIELDS, RENAMED, TAIL_FIELDS
from emu.analysis.tables.tables import EVENTS, RUNS, Tables
from emu.errors import UsageError
from emu.record.event import KINDS


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement gave: the names of its columns, and its rows as they come."""

    names: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


def query(tables: Tables, sql: str) -> Answer:
    """Ask `events` and `runs` in SQL. Raises `UsageError` with what the database says."""
    import duckdb

    try:
        cursor = tables.ask(sql)
    except duckdb.Error as wrong:
        raise UsageError(_lines(wrong)) from None
    if cursor is None or not cursor.description:  # type: ignore[redundant-expr]  # for no statement
        raise UsageError(f"{sql!r} is no statement that asks for something")
    names = tuple(one[0] for one in cursor.description)

    def rows() -> Iterator[tuple[Any, ...]]:
        try:
            yield from tables.fetched(cursor, sql)
        except duckdb.Error as wrong:
            raise UsageError(_lines(wrong)) from None

    return Answer(names, rows())


def _lines(wrong: Exception) -> str:
    """What the database says, with its drawing of where it is."""
    return "\n".join(line for line in str(wrong).splitlines() if line.strip())


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table: its type in SQL, what it is, the kinds of event that have it."""

    table: str
    name: str
    type: str
    meaning: str
    kinds: tuple[str, ...]


_MEANINGS: Final[dict[str, str]] = {
    "event": "the kind of event; 'run' and 'end' for a run's first and last line; null if damaged",
    "step": "the step, from 0",
    "t": "the emulated time, in ns",
    "thread": "the thread; empty for what no thread did",
    "depth": "how many signal handlers deep the thread is",
    "object": "the lock, word, channel or other thing that it is about",
    "place": "file:line:function",
    "region": "the regions that the thread is in, outermost first",
}
"""What the columns that every event has are."""


def schema() -> list[Field]:
    """Every column of `events`, then of `runs`."""
    found = [Field(EVENTS, name, type_, what, ()) for name, (type_, what) in ADDED.items()]
    known = {back: name for name, back in RENAMED.items()}
    for column in COLUMNS:
        meaning = _MEANINGS.get(column.name, "")
        if column.name in known:
            renamed = f"{known[column.name]!r} in the log, a keyword of SQL"
            meaning = f"{meaning}; {renamed}" if meaning else renamed
        kinds = tuple(kind for kind in column.kinds if kind in KINDS)
        if column.field not in (*HEAD_FIELDS, *TAIL_FIELDS) or kinds or not column.kinds:
            found.append(Field(EVENTS, column.name, column.type, meaning, kinds))
    for name, (type_, what) in ADDED.items():
        found.append(Field(RUNS, name, type_, what if name == "run" else _OF_RUNS[name], ()))
    for name, type_ in {**HEAD_FIELDS, **TAIL_FIELDS}.items():
        found.append(Field(RUNS, name, type_, _OF_RUNS.get(name, ""), ()))
    return found


_OF_RUNS: Final[dict[str, str]] = {
    "file": "the log that the run is in",
    "line": "the line there at which it begins, from 1",
    "scenario": "module:function",
    "params": "its parameters, as an object",
    "chaos": "what may be injected, as a list",
    "strategy": "who decided",
    "seed": "the seed",
    "watchdog": "the limits, as an object",
    "emu": "the version of emu that ran it",
    "level": "which events are logged: all or locks",
    "outcome": "how it ended; null where the log is cut off",
    "reason": "why",
    "steps": "how many steps it took",
    "t": "the emulated time that it took, in ns",
    "tape": "its tape, to replay it",
    "digest": "the SHA-256 of its events",
    "findings": "what was found, as a list",
}

assert _OF_RUNS.keys() == {"file", "line", *HEAD_FIELDS, *TAIL_FIELDS}
