"""The message of a finding, cut where the page shows its parts apart: headline, body, way back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_WAY: Final = re.compile(r"  (found|replay|log) +(\S.*)")
"""A line of the last part of a message; see `message.WayBack`."""


@dataclass(frozen=True, slots=True)
class Retold:
    """`body` has evidence and picture as they are printed; `way` is by its labels."""

    headline: str
    body: str
    way: dict[str, str]


def retell(message: str) -> Retold:
    """The parts of a message; one of another form has all of it in headline and body."""
    headline, _, rest = message.partition("\n")
    lines = rest.strip("\n").splitlines()
    way: dict[str, str] = {}
    while lines and (match := _WAY.fullmatch(lines[-1])) is not None:
        way = {match[1]: match[2], **way}
        lines.pop()
    body = "\n".join(line.removeprefix("  ") for line in lines).rstrip("\n")
    return Retold(headline, body, way)
