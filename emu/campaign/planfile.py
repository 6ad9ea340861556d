"""Entries as the text of a plan that says the same: what `plan.read_plan` reads back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

import orjson

from emu.campaign.catalogue import find_scenario
from emu.campaign.chaostable import UNLIMITED
from emu.campaign.spec import EntrySpec
from emu.chaos.entries import ENTRIES
from emu.engine.watchdog import Limits

_BARE: Final = re.compile("[A-Za-z0-9_-]+")


def plan_text(name: str, entries: Sequence[tuple[str, EntrySpec]]) -> str:
    """A plan called `name` with these entries, each under the name beside it."""
    return "\n\n".join([f"name = {_value(name)}", *(_entry(*pair) for pair in entries)]) + "\n"


def _entry(name: str, spec: EntrySpec) -> str:
    values: dict[str, Any] = {"name": name, "scenario": spec.scenario, "params": spec.params}
    expect: dict[str, Any] = {"some": list(spec.expect.some)}
    if spec.expect.only is not None:
        expect["only"] = list(spec.expect.only)
    values |= {"expect": expect, "strategy": spec.strategy, "until": spec.until}
    if spec.exhaustive:
        values["bound"] = spec.bound
    else:
        values["seed"] = spec.seed
    values |= {"runs": spec.runs, "seconds": spec.seconds, "watchdog": _watchdog(spec.watchdog)}
    own = spec.chaos == find_scenario(spec.scenario).chaos.as_rows()
    if not own and not spec.chaos:
        values["chaos"] = {}
    lines = [f"{key} = {_value(value)}" for key, value in values.items() if value is not None]
    chaos = [] if own else [_injection(row) for row in spec.chaos]
    return "\n\n".join(["\n".join(["[[entry]]", *lines]), *chaos])


def _watchdog(limits: Mapping[str, Any]) -> dict[str, Any] | None:
    """The limits that are not the usual ones."""
    usual = Limits()
    changed = {key: value for key, value in limits.items() if value != getattr(usual, key)}
    for key in ("lock_wait", "real"):
        if key in changed:
            changed[key] = f"{changed[key]}ns"
    return changed or None


def _injection(row: Mapping[str, Any]) -> str:
    kind = row["chaos"]
    usual = {item.name: item.default for item in fields(ENTRIES[kind])}
    lines = [f"  [[entry.chaos.{kind}]]"]
    for key, value in row.items():
        if key == "chaos" or value == usual[key]:
            continue
        text = f"{value}ns" if key == "duration" else UNLIMITED if value is None else value
        lines.append(f"  {key} = {_value(text)}")
    return "\n".join(lines)


def _key(key: str) -> str:
    """A key as TOML spells it: in quotes where it must be."""
    return key if _BARE.fullmatch(key) else _value(key)


def _value(value: Any) -> str:
    """A value as TOML spells it."""
    if isinstance(value, Mapping):
        items = ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items())
        return f"{{ {items} }}" if items else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str):
        return orjson.dumps(value).decode().replace("\x7f", "\\u007f")
    return str(value).lower() if isinstance(value, bool) else repr(value)
