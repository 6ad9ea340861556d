"""The way back to findings for whoever asks a service: paths of its machine mean nothing elsewhere.

A campaign's address is that of its row in the API, as the asker calls the service; a finding's
comes below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from emu.analysis.message import redirected, replay_command
from emu.analysis.report.contents import Contents, Found
from emu.record.store import StoredFinding

Row = dict[str, Any]


def lead(row: Row, at: str, number: int) -> Row:
    """The row of a finding of the campaign at `at`: its `message` and `replay`, if any, lead there.

    A trouble, which cannot be run again, stays as it is.
    """
    address = _address(at, number)
    made = dict(row)
    if row.get("trouble"):
        return made
    if row.get("message"):
        made["message"] = _redirected(row["message"], address)
    if row.get("replay"):
        made["replay"] = replay_command(address)
    return made


def lead_all(result: Row, at: str, numbers: Sequence[dict[str, int]]) -> Row:
    """A campaign's result, the same; `numbers` are its findings' by signature, of each entry."""
    entries = [
        {**one, "findings": [lead(row, at, by[row["signature"]]) for row in one["findings"]]}
        for one, by in zip(result["entries"], numbers, strict=True)
    ]
    return {**result, "entries": entries}


def lead_file(finding: StoredFinding, at: str, number: int) -> StoredFinding:
    """A finding as a file, the same."""
    return replace(finding, message=_redirected(finding.message, _address(at, number)))


def lead_contents(contents: Contents, at: str) -> Contents:
    """What is on the page of the campaign, the same."""
    return replace(
        contents,
        directory=at,
        facts=tuple(
            (name, f"{at}/plan" if name == "plan" else one) for name, one in contents.facts
        ),
        findings=tuple(lead_found(one, at) for one in contents.findings),
    )


def lead_found(found: Found, at: str) -> Found:
    """A finding on it, the same; by its own number if those who show it have none."""
    numbers = [one.number or found.number for one in found.shown]
    address = _address(at, numbers[0])
    ways = [replay_command(_address(at, number)) for number in numbers]
    return replace(
        found,
        message=_redirected(found.message, address),
        shown=tuple(
            replace(one, replay=way if one.replay else "")
            for one, way in zip(found.shown, ways, strict=True)
        ),
        log=f"{address}/log" if found.log else "",
    )


def _redirected(message: str, address: str) -> str:
    return redirected(message, replay_command(address), f"{address}/log")


def _address(at: str, number: int) -> str:
    return f"{at}/findings/{number}"
