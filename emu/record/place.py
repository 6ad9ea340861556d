"""Where in the program something happened: `file.py:line:function`.

A machine notes a code object and an instruction while it runs, which costs next to
nothing; the line is looked up when somebody asks.
"""

from __future__ import annotations

import ast
import linecache
import re
from functools import cache
from pathlib import PurePath
from types import CodeType
from typing import Final, NamedTuple

from emu.record.event import RawEvent

_PLACE: Final = re.compile(r"[^:]+:[0-9]+:.+")

_INLINED: Final = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>")
"""Scopes that some Python versions have and others inline: never part of a place."""

_BLOCKS: Final = (ast.AsyncFor, ast.AsyncWith, ast.For, ast.If, ast.While, ast.With)

_names: dict[tuple[str, str, int], tuple[str, str]] = {}
_lines: dict[tuple[str, str, int, int], str] = {}


class Place(NamedTuple):
    """A place in the program, split; `str()` of it is what the log holds."""

    file: str
    line: int
    function: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.function}"


def parse_place(text: str) -> Place | None:
    """The place that `text` spells; None for the empty text."""
    if not text:
        return None
    file, line, function = text.split(":", 2)
    return Place(file, int(line), function)


def is_place(text: str) -> bool:
    """Whether `parse_place` can read `text`."""
    return not text or _PLACE.fullmatch(text) is not None


def function_name(code: CodeType) -> str:
    """The dotted name of a function, without scopes that only some Python versions have."""
    parts = code.co_qualname.replace(".<locals>", "").split(".")
    while len(parts) > 1 and parts[-1] in _INLINED:
        parts.pop()
    return ".".join(parts)


def resolve(code: CodeType | str | None, lasti: int) -> str:
    """The place of instruction `lasti` of `code`; empty where there is none.

    An event that was read from a log has its place as text already.
    """
    if code is None or isinstance(code, str):
        return code or ""
    key = (code.co_filename, code.co_qualname, code.co_firstlineno, lasti)
    text = _lines.get(key)
    if text is None:
        scope = key[:3]
        if scope not in _names:
            _names[scope] = (PurePath(code.co_filename).name, function_name(code))
        file, function = _names[scope]
        text = _lines[key] = str(Place(file, _line(code, lasti), function))
    return text


def place_of(raw: RawEvent) -> str:
    """The place of a raw event; empty where there is none."""
    return resolve(raw[6], raw[7])


def statement_line(filename: str, line: int) -> int:
    """`line`, or for a line inside the head of a block (`async with (`…) the head's first one.

    Which of its lines such a head stands at is not the same in every version of Python.
    """
    return _heads(filename).get(line, line)


def _line(code: CodeType, lasti: int) -> int:
    for start, end, line in code.co_lines():
        if start <= lasti < end and line is not None:
            return statement_line(code.co_filename, line)
    return code.co_firstlineno


@cache
def _heads(filename: str) -> dict[int, int]:
    """Where the head of a block begins, for each of its further lines."""
    try:
        tree = ast.parse("".join(linecache.getlines(filename)))
    except (SyntaxError, ValueError):
        return {}
    return {
        line: node.lineno
        for node in ast.walk(tree)
        if isinstance(node, _BLOCKS)
        for line in range(node.lineno + 1, node.body[0].lineno)
    }
