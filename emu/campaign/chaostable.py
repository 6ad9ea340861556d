"""The chaos tables of a plan as the entries of a chaos plan."""

from __future__ import annotations

import typing
from dataclasses import MISSING, Field, fields
from typing import Any, Final

from emu.campaign.document import ChaosDocument, ChaosTable
from emu.campaign.lines import Path
from emu.campaign.mistakes import TomlFile, shown, unknown
from emu.chaos.entries import ENTRIES, Entry
from emu.chaos.plan import Plan
from emu.errors import UsageError

TYPES: Final[dict[str, tuple[tuple[type, ...], str]]] = {
    "rate": ((int, float), "a number above 0, to 1"),
    "limit": ((int,), "a whole number from 1, or 'none'"),
    "duration": ((int, float, str), "a number of seconds, or a text such as '5ms'"),
}
"""What a key may hold and how to say so, where that is not a text."""

UNLIMITED: Final = "none"
"""TOML has no null: this says that an entry has no limit."""


def chaos_from(table: ChaosTable, file: TomlFile, path: Path) -> Plan:
    """The chaos plan that `table` spells; its mistakes are noted in `file`."""
    entries: list[Entry] = []
    for name, kind in ENTRIES.items():
        for index, values in enumerate(getattr(table, name)):
            entry = _entry(kind, values, file, (*path, name, index))
            if entry is not None:
                entries.append(entry)
    return Plan(tuple(entries))


def read_chaos(path: str) -> Plan:
    """The chaos plan of a file of chaos tables; raises `UsageError` with all its mistakes."""
    return chaos_in(TomlFile(path))


def chaos_in(file: TomlFile) -> Plan:
    """The same of one that was read."""
    document = file.validate(ChaosDocument)
    plan = chaos_from(document.chaos, file, ("chaos",))
    file.check()
    return plan


def _entry(kind: type[Entry], values: dict[str, Any], file: TomlFile, path: Path) -> Entry | None:
    known = {item.name: item for item in fields(kind)}
    good = dict(values)
    clean = True
    for key, value in values.items():
        if key not in known:
            file.mistake((*path, key), unknown("key", key, known))
            clean = False
        elif not _fits(key, value):
            allowed = TYPES[key][1] if key in TYPES else "a text"
            file.mistake((*path, key), f"{key} is {shown(value)}; allowed is {allowed}")
            clean = False
        elif key == "limit" and value == UNLIMITED:
            good[key] = None
        elif key == "duration" and isinstance(value, int):
            good[key] = float(value)  # an entry takes an int for nanoseconds
    missing = [name for name, item in known.items() if _required(item) and name not in values]
    for name in missing:
        file.mistake((*path, name), f"the key {name!r} is missing")
    if missing or not clean:
        return None
    try:
        return kind(**good)
    except UsageError as wrong:
        text = str(wrong)
        table, _, rest = text.partition(".")
        key = rest.partition(" ")[0] if table == kind.table else ""
        file.mistake((*path, key), rest if key in known else text)
        return None


def _fits(key: str, value: object) -> bool:
    types = TYPES[key][0] if key in TYPES else (str,)
    if key == "limit" and value == UNLIMITED:
        return True
    return isinstance(value, types) and not isinstance(value, bool)


def _required(item: Field[typing.Any]) -> bool:
    return item.default is MISSING and item.default_factory is MISSING
