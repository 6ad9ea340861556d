"""Where in the program something happened: `file.py:line:function`.

A machine notes a code object and an instruction while it runs, which costs next to
nothing; the line is looked up when somebody asks.
"""

from __future__ import annotations

import ast
import linecache
import re
from functools import cache, lru_cache
from pathlib import PurePath
from types import CodeType
from typing import Final, NamedTuple

from emu.record.event import RawEvent

_PLACE: Final = re.compile(r"[^:]+:[0-9]+:.+")

_INLINED: Final = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>")
"""Scopes that some Python versions have and others inline: never part of a place."""

_BLOCKS: Final = (ast.AsyncFor, ast.AsyncWith, ast.For, ast.If, ast.While, ast.With)

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


@lru_cache(maxsize=1 << 14)
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
        text = _lines[key] = str(place_at(code, _line(code, lasti)))
    return text


def place_of(raw: RawEvent) -> str:
    """The place of a raw event; empty where there is none."""
    return resolve(raw[6], raw[7])


def place_at(code: CodeType, line: int) -> Place:
    """The place of a line of `code`, as a traceback has it.

    A line inside the head of a block (`async with (`…) is the head's first one, for which of
    its lines such a head stands at is not the same in every version of Python.
    """
    name = code.co_filename
    return Place(PurePath(name).name, _heads(name).get(line, line), function_name(code))


def _line(code: CodeType, lasti: int) -> int:
    for start, end, line in code.co_lines():
        if start <= lasti < end and line is not None:
            return line
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
