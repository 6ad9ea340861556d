"""How strace writes values: structs, arrays, sets, strings, numbers, flags and comments.

One token at a time, with the brackets that are open; never by a pattern over a whole value, for
a string or a path may hold anything. The forms are those of strace(1): `{sa_flags=SA_RESTART}`,
`~[USR1 RT_1]`, `"text"...`, `0x80 /* FUTEX_WAIT_PRIVATE */`, `3</a/path>`, `6981<comm>`,
`1234 /* 5678 in strace's PID NS */`, `{…} => {…}`.
"""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Iterator
from typing import Final

_TOKEN: Final = re.compile(
    r"""
      \\.                    # a sign that stands for itself
    | "(?:[^"\\]|\\.)*"      # a string
    | /\*.*?\*/              # a comment
    | -> | => | <<           # marks that are no brackets
    | (?<=[\w>\])])<         # what -y adds to a descriptor, and -Y to a thread
    | [()\[\]{}>,]
    """,
    re.VERBOSE,
)
_CLOSES: Final = {"(": ")", "[": "]", "{": "}", "<": ">"}
_COMMENT: Final = re.compile(r"/\*.*?\*/")
_TRANSLATED: Final = re.compile(r"^-?\d+ /\* (\d+) in strace's PID NS \*/")
_NUMBER: Final = re.compile(r"(-?)(0[xX][0-9a-fA-F]+|\d+)")


def _marks(text: str, at: int = 0) -> Iterator[tuple[int, str]]:
    """Each comma and each closing bracket that stands in no bracket opened after `at`.

    Raises `ValueError` where another bracket closes than was opened.
    """
    opened: list[str] = []
    for token in _TOKEN.finditer(text, at):
        mark = token[0]
        if opened and opened[-1] == ">":  # nothing else counts in there
            if mark == "<":
                opened.append(">")
            elif mark == ">":
                opened.pop()
        elif mark in _CLOSES:
            opened.append(_CLOSES[mark])
        elif mark in (")", "]", "}"):
            if not opened:
                yield token.start(), mark
            elif opened.pop() != mark:
                raise ValueError(f"{mark!r} closes at column {token.start() + 1} what is not open")
        elif mark == "," and not opened:
            yield token.start(), mark


def closing(text: str, at: int, *, rest: bool = False) -> int:
    """Where the `)` is that ends a list of arguments which begins at `at`; -1 if it is not there.

    With `rest` the list began elsewhere, and brackets may close that were opened there. Raises
    `ValueError` for brackets that do not fit.
    """
    for position, mark in _marks(text, at):
        if mark == ")":
            return position
        if mark != "," and not rest:
            raise ValueError(f"{mark!r} closes at column {position + 1} what is not open")
    return -1


def items(text: str) -> list[str]:
    """The parts of a list, by the commas outside of all brackets."""
    if not text.strip():
        return []
    cuts = [position for position, mark in _marks(text) if mark == ","]
    starts, ends = [0, *(cut + 1 for cut in cuts)], [*cuts, len(text)]
    return [text[start:end].strip() for start, end in zip(starts, ends, strict=True)]


def members(text: str) -> dict[str, str]:
    """The named parts of a struct, or of a list of arguments: `{a=1, b=[2]} => {c=3}`.

    What a call gives back after `=>` is there as well. Empty for what is no struct.
    """
    found: dict[str, str] = {}
    for part in items(text):
        before, arrow, after = part.partition(" => ")
        name, equals, value = before.partition("=")
        if equals and name.isidentifier():
            found[name] = value
        elif before.startswith("{"):
            found |= members(_inside(before))
        if arrow and after.startswith("{"):
            found |= members(_inside(after))
    return found


def _inside(text: str) -> str:
    return text[1:-1] if text[-1:] in ("}", "]") else text[1:]


def names(text: str) -> tuple[str, ...] | None:
    """The words of a set or an array, `[A B]` or `[A, B]`; None for what is neither."""
    text = text.strip().removeprefix("~")
    if not (text.startswith("[") and text.endswith("]")):
        return None
    return tuple(_COMMENT.sub("", text[1:-1]).replace(",", " ").split())


def number(text: str) -> int | None:
    """The number that a value begins with; None if it begins with none.

    Of a number of another PID namespace it is the one that strace itself sees.
    """
    text = text.strip()
    translated = _TRANSLATED.match(text)
    if translated is not None:
        return int(translated[1])
    match = _NUMBER.match(text)
    if match is None:
        return None
    digits = match[2]
    value = int(digits, 16) if digits[:2] in ("0x", "0X") else int(digits)
    return -value if match[1] else value


def string(text: str) -> str:
    r"""The text of a string, `"a\303\266"...`; of anything else, that itself."""
    quoted = text.strip().removesuffix("...")
    try:
        value = literal_eval(f"b{quoted}")
    except (SyntaxError, ValueError):
        return quoted
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else quoted


def words(text: str) -> tuple[frozenset[str], int]:
    """The names in a value of flags, `A|B|0x4`, and the bits that have none."""
    found, bits = [], 0
    comment = _COMMENT.search(text)
    for part in _COMMENT.sub("", text).split("|"):
        value = number(part)
        if value is None:
            found.append(part.strip())
        else:
            bits |= value
    if comment is not None:  # `0x80 /* FUTEX_WAIT_PRIVATE */`: the names are better
        named = comment[0].strip("/* ").split("|")
        if all(name.strip().isidentifier() for name in named):
            return frozenset(name.strip() for name in named), 0
    return frozenset(name for name in found if name), bits
