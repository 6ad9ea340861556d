"""What is wrong with a TOML file, each mistake one sentence: file, line, key, found, allowed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from emu.campaign.document import CampaignTable, ChaosTable, EntryTable, ExpectTable, Settings
from emu.campaign.lines import Path, line_of, lines_of
from emu.errors import UsageError, did_you_mean

Model = TypeVar("Model", bound=BaseModel)

TABLES: Final[dict[str, type[BaseModel]]] = {
    "defaults": Settings,
    "entry": EntryTable,
    "campaign": CampaignTable,
    "expect": ExpectTable,
    "chaos": ChaosTable,
}
"""The tables with a fixed set of keys, by the last name in their path."""

ALLOWED: Final[dict[str, str]] = {
    "string_type": "a text",
    "string_too_long": "a text of at most {max_length} characters",
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


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong with a document.

    `line` counts from 1; None: nobody knows. `key` is where it stands, as `entry[1].params.fix`;
    empty if the text is no document at all.
    """

    line: int | None
    key: str
    sentence: str


class PlanMistakes(UsageError):
    """What is wrong with a TOML file; the text has each mistake in a line of its own."""

    def __init__(self, text: str, mistakes: Sequence[Mistake]) -> None:
        super().__init__(text)
        self.mistakes = tuple(mistakes)


DEEPEST: Final = 100
"""Tables and lists that are nested deeper are of no plan, and too deep for Python's stack."""

TOO_DEEP: Final = "its tables and lists are nested too deeply"


class TomlFile:
    """A TOML file that was read, and the mistakes that were found in it so far.

    With `text` it is that text, and `path` what it is called. Raises `UsageError` for a file that
    cannot be read, and `PlanMistakes` for one that is not TOML, or has a number that no log can
    hold.
    """

    def __init__(self, path: FilePath | str, *, text: str | None = None) -> None:
        self.path = str(path)
        if text is None:
            text = _read(FilePath(path))
        self.text = text
        self.data = _parsed(text, self.path)
        self._lines = lines_of(text)
        self._mistakes: dict[Path, Mistake] = {}
        for path_to, value in _walked(self.data):
            if len(path_to) > DEEPEST:
                raise _no_toml(self.path, TOO_DEEP, None)
            if isinstance(value, int) and not -(2**63) <= value < 2**64:
                sentence = f"{_key(path_to)} is {shown(value)}; allowed is a number of 64 bits"
                self.mistake(path_to, sentence)
        self.check()

    def validate(self, model: type[Model]) -> Model:
        """The document as `model`, its mistakes noted and left out.

        Raises `PlanMistakes` where they leave no document to look for further ones in.
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
        line, where = line_of(path, self._lines), _where(path, self.data)
        made = Mistake(line, _dotted(path).removesuffix(": "), f"{where}{sentence}")
        self._mistakes.setdefault(path, made)

    def check(self) -> None:
        """Raise `PlanMistakes` if there were any, in the order of the file."""
        if self._mistakes:
            ordered = sorted(self._mistakes.values(), key=lambda one: one.line or 0)
            text = "\n".join(f"{self.path}:{one.line}: {one.sentence}" for one in ordered)
            raise PlanMistakes(text, ordered)


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """`what 'name'` is not known: what is, and what was probably meant."""
    names = list(known)
    return f"unknown {what} {name!r}; known are {', '.join(names)}{did_you_mean(name, names)}"


def shown(value: object) -> str:
    """A value as it is shown in a message: short, and as TOML spells it."""
    if isinstance(value, bool):
        return str(value).lower()
    try:
        text = repr(value)
    except ValueError:  # Python prints no number of so many digits
        return "a number of thousands of digits"
    return text if len(text) <= 50 else f"{text[:49]}…"


def _read(path: FilePath) -> str:
    try:
        content = path.read_bytes()
        return content.decode()
    except OSError as wrong:
        raise UsageError(f"cannot read {path}: {wrong.strerror or wrong}") from None
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        raise _no_toml(str(path), f"it is not UTF-8 ({wrong.reason})", line) from None


def _parsed(text: str, path: str) -> dict[str, Any]:
    if _LONG_KEY.search(text):  # tomllib takes time and memory by the square of its length
        raise _no_toml(path, TOO_DEEP, None)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        said = str(wrong)
        place = _PLACE.search(said)
        line = int(place[1]) if place else len(text.splitlines()) or 1
        raise _no_toml(path, said, line) from None
    except RecursionError:
        raise _no_toml(path, TOO_DEEP, None) from None
    except ValueError:  # Python has a limit, which tomllib does not know
        raise _no_toml(path, "a number in it has too many digits", None) from None


def _walked(data: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Every value with its path, layer by layer: not by Python's stack, which may be too short."""
    layer: list[tuple[Path, Any]] = [((), data)]
    while layer:
        inside: list[tuple[Path, Any]] = []
        for path, value in layer:
            if isinstance(value, dict):
                inside += [((*path, key), one) for key, one in value.items()]
            elif isinstance(value, list):
                inside += [((*path, key), one) for key, one in enumerate(value)]
        yield from inside
        layer = inside


_PART: Final = r'(?:[\w-]++|"(?:\\.|[^"\\\n])*+"|\'[^\'\n]*+\')[ \t]*+'
_LONG_KEY: Final = re.compile(rf"(?<![\w-])(?:{_PART}\.[ \t]*+){{{DEEPEST}}}")
"""A key with more parts than any plan has; possessive, as it is for texts of any length."""

_PLACE: Final = re.compile(r"\(at line (\d+), column \d+\)$")
"""How tomllib says where; else it is at the end of the document."""


def _no_toml(path: str, why: str, line: int | None) -> PlanMistakes:
    return PlanMistakes(f"{path} is not TOML: {why}", [Mistake(line, "", f"it is not TOML: {why}")])


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
