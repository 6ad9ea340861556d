"""One line of a log: a JSON object, whatever the values in it are.

What JSON cannot say is written as text that is the same in every process, so a line never
holds an address, and a value of a foreign type never stops a run.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

import orjson

_NEWLINE: Final = orjson.OPT_APPEND_NEWLINE
_INTEGERS: Final = range(-(1 << 63), 1 << 64)
"""The integers that orjson writes as numbers."""


def render(row: Mapping[str, Any]) -> bytes:
    """`row` as a line, its newline included."""
    try:
        return orjson.dumps(row, _foreign, _NEWLINE)
    except TypeError:  # an integer beyond 64 bits, half a surrogate pair, a key that is no text
        return orjson.dumps(_plain(row), None, _NEWLINE)


def parse(line: bytes) -> dict[str, Any]:
    """The row that `line` holds; raises `ValueError` with what is wrong."""
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as wrong:
        if not line.strip():
            raise ValueError("the line is empty") from None
        cut = "" if line.endswith(b"\n") else "; the log is cut off here"
        text = f"not JSON at column {wrong.colno} ({wrong.msg}){cut}"
        raise ValueError(text) from None
    if not isinstance(row, dict):
        raise ValueError("a line of a log is a JSON object")  # noqa: TRY004 - no fault of a caller's
    if not line.startswith(orjson.dumps(row)):  # it is spelled as emu does not: look closer
        _refuse_doubled(line)
    return row


def _refuse_doubled(line: bytes) -> None:
    """Raise `ValueError` for two fields of one name, of which `orjson` has the last."""

    def fields(pairs: list[tuple[str, object]]) -> None:
        for name, times in Counter(name for name, _ in pairs).items():
            if times > 1:
                raise ValueError(f"it has the field {name!r} {times} times")

    try:
        json.loads(line, object_pairs_hook=fields, parse_int=len, parse_float=len)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if value in _INTEGERS else str(int(value))
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    return _foreign(value)


def _foreign(value: object) -> str:
    return f"<{type(value).__qualname__}>"
