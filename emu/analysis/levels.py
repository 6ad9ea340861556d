"""What is said where logs have a part of the events alone: why something is not there."""

from __future__ import annotations

from typing import Final

from emu.record.history import LEVELS

PART: Final = "locks"
"""The level of a log that has a part of the events."""


def in_part(runs: int, of: int) -> str:
    """The sentence for so many runs of so many, whose logs are of level `locks`."""
    return (
        f"{runs:,} of {of:,} run{'' if of == 1 else 's'} logged at level {PART!r}, which has "
        f"{LEVELS[PART]}, and nothing else; 'emu soak --logs all' keeps every event"
    )
