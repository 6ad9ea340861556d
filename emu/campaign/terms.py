"""The terms of a campaign as a whole: budget, logs, and what a worker may take."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from emu.engine.units import UNITS, parse_duration
from emu.errors import UsageError

Level = Literal["all", "locks", "findings", "none"]
Until = Literal["finding", "budget"]

CAP: Final = 1_000_000_000
"""How many bytes the logs of runs may take, unless said otherwise."""


@dataclass(frozen=True)
class Terms:
    """What holds for the whole campaign; it is stored with it, and holds again when it goes on.

    `runs` are shared out between the entries; `seconds` is real time, over all sittings; None: no
    such limit. `until = "finding"` ends
    it at the first finding. `hand_on`: runs that an entry did not need, because it was met early,
    go to those that are not met. `level` says which logs are kept: of every run (`all`, `locks`),
    of every finding one (`findings`), or none; those of runs take at most `cap` bytes together.
    """

    runs: int | None = None
    seconds: float | None = None
    until: Until = "budget"
    hand_on: bool = False
    level: Level = "findings"
    cap: int = CAP

    @property
    def every(self) -> str:
        """The level of the log of every run; `none` where only findings have one."""
        return self.level if self.level in ("all", "locks") else "none"


def share_out(runs: int, wanted: Sequence[int | None]) -> list[int]:
    """So many runs, shared out evenly; nobody gets more than is wanted (None: any number).

    What one does not want is shared out between the others. Raises `UsageError` when there is
    not a run for everybody.
    """
    if runs < len(wanted):
        raise UsageError(
            f"{runs} runs for the whole campaign; allowed is at least one for each of its "
            f"{len(wanted)} entries"
        )
    shares = [0] * len(wanted)
    modest_first = sorted(range(len(wanted)), key=lambda at: (wanted[at] is None, wanted[at] or 0))
    for served, at in enumerate(modest_first):
        even = runs // (len(wanted) - served)
        most = wanted[at]
        shares[at] = even if most is None else min(even, most)
        runs -= shares[at]
    return shares


TERMS: Final = Terms()
"""What holds where nothing else is said."""

SIZES: Final = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}

MOST: Final = 1 << 60
"""How many bytes may be allowed; no machine has more."""

_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-zA-Z]*)")


def seconds_from(value: object, where: str) -> float:
    """Seconds above 0 from a number or a duration (`8h`); raises `UsageError`."""
    seconds = parse_duration(value, where) / UNITS["s"]
    if not seconds:
        raise UsageError(f"{where} is {value!r}; allowed is a time above 0, such as 90 or '8h'")
    return seconds


def bytes_from(value: object, where: str) -> int:
    """Bytes from a whole number or a size (`500 MB`); raises `UsageError`."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST:
        return value
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    unit = (match[2] or "B") if match else ""
    size = next((size for name, size in SIZES.items() if name.lower() == unit.lower()), None)
    if match is None or size is None:
        raise UsageError(
            f"{where} is {value!r}; allowed is a number of bytes, or a text such as "
            f"'500 MB' with one of the units {', '.join(SIZES)}"
        )
    number = float(match[1]) * size
    if number > MOST:
        raise UsageError(f"{where} is {value!r}; allowed are at most {MOST} bytes")
    return round(number)
