"""The columns of the table of events: the one schema of the log, in SQL.

A kind of event has its own fields, so most columns are null in most rows. A field that holds
one thing in one kind of event and another in another has a column that takes both.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Final, NamedTuple

from emu.record.event import (
    ANY,
    COMMON,
    COUNT,
    KINDS,
    NAMES,
    TEXT,
    TRUTH,
    WIDE as UNSIGNED,
    type_of,
)
from emu.record.finding import RunInfo
from emu.record.history import HEAD, TAIL


class Column(NamedTuple):
    """A column: its name, its type in SQL, the field of the log, the kinds of event that have it.

    `kinds` is empty for a column that every row has.
    """

    name: str
    type: str
    field: str
    kinds: tuple[str, ...] = ()


NUMBER: Final = "BIGINT"
WIDE: Final = "UBIGINT"
WORDS: Final = "VARCHAR"
VALUE: Final = "JSON"
TRUE_OR_FALSE: Final = "BOOLEAN"

RENAMED: Final = {"at": "place", "when": "due"}
"""Fields whose names are keywords of SQL, with the names of their columns."""

ADDED: Final[dict[str, tuple[str, str]]] = {
    "file": (WORDS, "the log that the event is in"),
    "line": (NUMBER, "its line there, from 1"),
    "run": (NUMBER, "its run, counted over all logs from 1; 0 before the first"),
}
"""What a row has that is in no line of a log: type and meaning."""

_ONE: Final = {TEXT: WORDS, COUNT: NUMBER, TRUTH: TRUE_OR_FALSE, NAMES: WORDS, ANY: VALUE}
_BOTH: Final[dict[frozenset[str], str]] = {
    frozenset([COUNT, TRUTH]): NUMBER,
    frozenset([TEXT, COUNT]): WORDS,
    frozenset([TEXT, NAMES]): WORDS,
    frozenset([TEXT, ANY]): VALUE,
    frozenset([COUNT, ANY]): VALUE,
}
HEAD_FIELDS: Final[dict[str, str]] = {
    "scenario": WORDS,
    "params": VALUE,
    "chaos": VALUE,
    "strategy": WORDS,
    "seed": WIDE,
    "watchdog": VALUE,
    "emu": WORDS,
    "level": WORDS,
}
TAIL_FIELDS: Final[dict[str, str]] = {
    "outcome": WORDS,
    "reason": WORDS,
    "steps": NUMBER,
    "t": NUMBER,
    "tape": WORDS,
    "digest": WORDS,
    "findings": VALUE,
}
"""The fields of the first and the last line of a run, with their types."""

assert {item.name for item in fields(RunInfo)} | {"level"} == HEAD_FIELDS.keys()


def _columns() -> tuple[Column, ...]:
    kinds: dict[str, list[str]] = {}
    for kind, own in KINDS.items():
        for name in own:
            kinds.setdefault(name, []).append(kind)
    for kind, own in ((HEAD, tuple(HEAD_FIELDS)), (TAIL, tuple(TAIL_FIELDS))):
        for name in own:
            kinds.setdefault(name, []).append(kind)
    common = [
        Column(RENAMED.get(name, name), WORDS if type_of("", name) == TEXT else NUMBER, name)
        for name in COMMON
    ]
    particular = [
        Column(RENAMED.get(name, name), _type(name, having), name, tuple(having))
        for name, having in kinds.items()
        if name not in COMMON
    ]
    return (*common, *particular)


def _type(name: str, kinds: list[str]) -> str:
    if name in UNSIGNED:
        return WIDE
    given = {HEAD: HEAD_FIELDS.get(name, ""), TAIL: TAIL_FIELDS.get(name, "")}
    of_runs = {given[kind] for kind in kinds if kind in given}
    held = frozenset(type_of(kind, name) for kind in kinds if kind not in given)
    if not held:
        (only,) = of_runs
        return only
    found = _ONE[next(iter(held))] if len(held) == 1 else _BOTH[held]
    assert of_runs <= {found}
    return found


COLUMNS: Final = _columns()
"""Every column of a line of a log, in the order of the schema."""

BY_NAME: Final = {column.name: column for column in COLUMNS}


def line_of_log() -> str:
    """The SQL that makes the line of the log from a row again, as a JSON object."""
    cases = [f"WHEN '{kind}' THEN {_object(kind, (*COMMON, *own))}" for kind, own in KINDS.items()]
    cases.append(f"WHEN '{HEAD}' THEN {_object(HEAD, ('event', *HEAD_FIELDS))}")
    cases.append(f"WHEN '{TAIL}' THEN {_object(TAIL, ('event', *TAIL_FIELDS))}")
    return "CASE event " + " ".join(cases) + " END"


def _object(kind: str, names: tuple[str, ...]) -> str:
    pairs = (f"'{name}', {_value(kind, name)}" for name in names)
    return f"json_object({', '.join(pairs)})"


def _value(kind: str, name: str) -> str:
    """What a column holds for a kind of event, as the log has it."""
    column = RENAMED.get(name, name)
    if kind in (HEAD, TAIL):
        return column
    held, type_ = type_of(kind, name), BY_NAME[column].type
    if held == TRUTH and type_ == NUMBER:
        return f"{column}::{TRUE_OR_FALSE}"
    if held == COUNT and type_ == WORDS:
        return f"{column}::{NUMBER}"
    return f"{column}::{VALUE}" if held == NAMES else column
