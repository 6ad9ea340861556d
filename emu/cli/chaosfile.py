"""A chaos file for a service: its text is sent, and what comes back is about the file here."""

from __future__ import annotations

from typing import Any

from emu.analysis.message import typed
from emu.campaign.chaostable import chaos_in
from emu.campaign.mistakes import TomlFile


def chaos_text(path: str | None) -> str | None:
    """The text of a chaos file, if there is one; raises `UsageError` with its mistakes."""
    if path is None:
        return None
    file = TomlFile(path)  # read once: a pipe has nothing to be read twice
    chaos_in(file)  # its mistakes are told here, with its name
    return file.text


def as_typed(row: dict[str, Any], path: str | None) -> dict[str, Any]:
    """A row of the service, in whose commands the chaos file is called as it was typed."""
    from emu.service.calls import CHAOS

    def named(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: named(one) for key, one in value.items()}
        if isinstance(value, list):
            return list(map(named, value))
        return value.replace(theirs, own) if isinstance(value, str) else value

    if path is None:
        return row
    theirs, own = typed("--chaos", CHAOS), typed("--chaos", path)
    return {key: named(one) for key, one in row.items()}
