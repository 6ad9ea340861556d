"""Ticks: round numbers along an axis."""

from __future__ import annotations

from math import floor, log10
from typing import Final

STEPS: Final = (1, 2, 5, 10)


def ticks(most: float, wanted: int = 4) -> list[int]:
    """Whole round numbers from 0 to at most `most`, about so many."""
    if most <= 0:
        return [0]
    rough = most / max(wanted, 1)
    size = 10 ** floor(log10(rough)) if rough >= 1 else 1
    step = next((int(one * size) for one in STEPS if one * size >= rough), int(10 * size))
    step = max(step, 1)
    return list(range(0, int(most) + 1, step))
