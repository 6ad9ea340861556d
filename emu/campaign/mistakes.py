"""What is wrong with a TOML file, each mistake one sentence: file, line, key, found, allowed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from copy import deepcopy
from pathlib import Path as FilePath
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from emu.campaign.document import ChaosTable, EntryTable, ExpectTable, Settings
from emu.campaign.lines import Path, line_of, lines_of
from emu.errors import UsageError, did_you_mean

Model = TypeVar("Model", bound=BaseModel)

TABLES: Final[dict[str, type[BaseModel]]] = {
    "defaults": Settings,
    "entry": EntryTable,
    "expect": ExpectTable,
    "chaos": ChaosTable,
}
"""The tables with a fixed set of keys, by the last name in their path."""

ALLOWED: Final[dict[str, str]] = {
    "string_type": "a text",
    "int_type": "a whole number",
    "float_type": "a number",
    "dict_type": "a table",
    "model_type": "a table",
    "list_type": "a list",
    "greater_than_equal": "a whole number from {ge}",
    "greater_than": "a number above {gt:g}",
    "literal_error": "{expected}",
    "too_short": "a list of at least {min_length}",
}
"""What is allowed instead, by pydantic's type of error and its context."""


class TomlFile:
    """A TOML file that was read, and the mistakes that were found in it so far."""

    def __init__(self, path: FilePath | str) -> None:
        self.path = str(path)
        try:
            text = FilePath(path).read_text(encoding="utf-8")
        except OSError as wrong:
            raise UsageError(f"cannot read {path}: {wrong.strerror or wrong}") from None
        except UnicodeDecodeError as wrong:
            raise UsageError(f"{path} is not TOML: it is not UTF-8 ({wrong.reason})") from None
        try:
            self.data: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as wrong:
            raise UsageError(f"{path} is not TOML: {wrong}") from None
        self._lines = lines_of(text)
        self._mistakes: dict[Path, tuple[int, str]] = {}

    def validate(self, model: type[Model]) -> Model:
        """The document as `model`, its mistakes noted and left out.

        Raises `UsageError` where they leave no document to look for further ones in.
        """
        try:
            return model.model_validate(self.data)
        except ValidationError as wrong:
            errors = wrong.errors(include_url=False)
        for error in errors:
            self.mistake(error["loc"], _sentence(error, model))
        try:
            return model.model_validate(_mended(self.data, errors))
        except ValidationError:
            self.check()
            raise

    def mistake(self, path: Path, sentence: str) -> None:
        """Note that what stands at `path` is wrong; `sentence` says how. The first one counts."""
        line = line_of(path, self._lines)
        where = _where(path, self.data)
        self._mistakes.setdefault(path, (line, f"{self.path}:{line}: {where}{sentence}"))

    def check(self) -> None:
        """Raise `UsageError` if there were mistakes, one line each, in the order of the file."""
        if self._mistakes:
            ordered = sorted(self._mistakes.values(), key=lambda mistake: mistake[0])
            raise UsageError("\n".join(text for _, text in ordered))


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """`what 'name'` is not known: what is, and what was probably meant."""
    names = list(known)
    return f"unknown {what} {name!r}; known are {', '.join(names)}{did_you_mean(name, names)}"


def shown(value: object) -> str:
    """A value as it is shown in a message: short, and as TOML spells it."""
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    return text if len(text) <= 50 else f"{text[:49]}…"


def _mended(data: dict[str, Any], errors: Sequence[ErrorDetails]) -> dict[str, Any]:
    """The document without what is wrong, and with something where a key is missing."""
    mended = deepcopy(data)
    for error in errors:
        *outer, key = error["loc"]
        table: Any = mended
        for part in outer:
            table = table[part]
        if error["type"] == "missing":
            table[key] = "?"
        elif isinstance(table, dict):
            table.pop(key, None)
    return mended


def _sentence(error: ErrorDetails, document: type[BaseModel]) -> str:
    kind, path = error["type"], error["loc"]
    key = str(path[-1])
    model = TABLES.get(_last_name(path[:-1]), document)
    if kind == "extra_forbidden":
        return unknown("key", key, model.model_fields)
    if kind == "missing":
        return f"the key {key!r} is missing"
    context = error.get("ctx", {})
    allowed = ALLOWED.get(kind, "").format(**context) or error["msg"]
    hint = ""
    if kind == "literal_error":
        allowed = allowed.replace(" or ", ", ")
        hint = did_you_mean(str(error["input"]), allowed.replace("'", "").split(", "))
    return f"{_key(path)} is {shown(error['input'])}; allowed is {allowed}{hint}"


def _key(path: Path) -> str:
    """The last key of a path, with its index in a list."""
    if isinstance(path[-1], int) and len(path) > 1:
        return f"{path[-2]}[{path[-1] + 1}]"
    return str(path[-1])


def _last_name(path: Path) -> str:
    return next((part for part in reversed(path) if isinstance(part, str)), "")


def _where(path: Path, data: dict[str, Any]) -> str:
    """Whose mistake it is: an entry by its name, or another table."""
    if path[:1] == ("entry",) and len(path) > 1 and isinstance(path[1], int):
        entries = data["entry"]
        entry = entries[path[1]] if isinstance(entries, list) else {}
        name = entry.get("name") if isinstance(entry, dict) else None
        shown_name = repr(name) if isinstance(name, str) else str(path[1] + 1)
        inner = _dotted(path[2:-1])
        return f"entry {shown_name}: {inner}"
    return _dotted(path[:-1])


def _dotted(path: Path) -> str:
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return f"{text.lstrip('.')}: " if text else ""
