"""The facts of a campaign, read: what is damaged is a sentence and no surprise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import orjson

from emu.errors import LogError

Value = TypeVar("Value")


def read_fact(facts: Mapping[str, str], name: str, make: Callable[[Any], Value]) -> Value:
    """What `make` makes of the JSON of a fact; raises `LogError` where that cannot be."""
    if name not in facts:
        raise LogError(f"the campaign's ledger is damaged: it does not say its {name!r}")
    return read_json(facts[name], name, make)


def read_json(text: str, name: str, make: Callable[[Any], Value]) -> Value:
    """The same of a text that says `name`."""
    try:
        return make(orjson.loads(text))
    except (TypeError, ValueError, KeyError) as wrong:
        said = str(wrong).partition("\n")[0]
        raise LogError(f"the campaign's ledger is damaged: its {name!r} reads {said}") from None
