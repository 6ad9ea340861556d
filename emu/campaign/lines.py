"""In which line of a TOML file each key stands: tomllib does not say.

The text has been read by tomllib before, so it is well-formed, and a scanner that knows
strings, brackets and keys is enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

Path = tuple[str | int, ...]

_TOKEN: Final = re.compile(
    r'(?P<text>"""(?:\\.|[^\\])*?"""+|\'\'\'.*?\'\'\'+|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\')'
    r"|(?P<comment>#[^\n]*)|(?P<newline>\n)|(?P<sign>[][{}=,.])|(?P<word>[^\s\[\]{}=,.#\"']+)",
    re.DOTALL,
)


def lines_of(text: str) -> dict[Path, int]:
    """The line, from 1, of every table and key in `text`, by its path in the document."""
    return _Scanner(text).lines


def line_of(path: Path, lines: dict[Path, int]) -> int:
    """The line of `path`, or of the nearest thing around it that has one."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Scanner:
    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}
        self.line = 1
        self.tokens = self._tokens(text)
        prefix: Path = ()
        for kind, mark in self.tokens:
            if mark == "[":
                prefix = self._header()
            elif kind in ("word", "text"):
                self._value(self._key(prefix, mark))

    def _tokens(self, text: str) -> Iterator[tuple[str, str]]:
        for match in _TOKEN.finditer(text):
            kind, mark = match.lastgroup or "", match[0]
            if kind != "comment":
                yield kind, mark
            self.line += mark.count("\n")

    def _header(self) -> Path:
        """A table's path, after its first bracket; `[[x]]` begins another of an array."""
        parts: list[str] = []
        opened = 1
        for kind, mark in self.tokens:
            opened += mark == "["
            if kind in ("word", "text"):
                parts.append(_name(mark))
            if mark == "]":
                break
        path: Path = ()
        for part in parts:
            path = (*path, part)
            self.lines.setdefault(path, self.line)
            path = (*path, self.counts[path]) if path in self.counts else path
        if opened == 2:
            base: Path = path[:-1] if path and isinstance(path[-1], int) else path
            self.counts[base] = self.counts.get(base, -1) + 1
            path = (*base, self.counts[base])
        self.lines[path] = self.line
        return path

    def _key(self, prefix: Path, first: str) -> Path:
        path: Path = (*prefix, _name(first))
        self.lines.setdefault(path, self.line)
        for kind, mark in self.tokens:
            if mark == "=":
                break
            if kind in ("word", "text"):
                path = (*path, _name(mark))
                self.lines.setdefault(path, self.line)
        return path

    def _value(self, path: Path) -> None:
        """Skip a value, noting the keys of inline tables and the items of arrays inside it."""
        inside: list[tuple[str, Path, int]] = []
        for kind, mark in self.tokens:
            if kind == "newline" and not inside:
                return
            if mark in ("[", "{"):
                here = (*path, 0) if mark == "[" else path
                self.lines.setdefault(here, self.line)
                inside.append((mark, path, 0))
                path = here
            elif mark in ("]", "}"):
                _, path, _ = inside.pop()
            elif mark == "," and inside[-1][0] == "[":
                _, base, index = inside.pop()
                inside.append(("[", base, index + 1))
                path = (*base, index + 1)
                self.lines.setdefault(path, self.line)
            elif mark == ",":
                path = inside[-1][1]
            elif kind in ("word", "text") and inside and path == inside[-1][1]:
                path = self._key(path, mark)


def _name(mark: str) -> str:
    return mark[1:-1] if mark[:1] in ("'", '"') else mark
