"""How long a campaign still takes: its entries get their turns by the work that each has cost.

Whoever has cost the least is next (`leases`), so the costs of all that are not done rise
together, like water. That says when each is done, if nothing ends before its budget does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from emu.campaign.account import Account


def forecast(spent: Sequence[float], left: Sequence[float], workers: float) -> list[float]:
    """In how many seconds each entry is done, by the work spent on it and left for it.

    Work is in seconds of a worker, and may be without end. An entry with no work left takes none.
    """
    bends = [(one, 1) for one, more in zip(spent, left, strict=True) if more > 0]
    bends += [(one + more, -1) for one, more in zip(spent, left, strict=True) if more > 0]
    below: dict[float, float] = {math.inf: math.inf}
    level = work = 0.0
    rising = 0
    for bend, change in sorted(bends):
        if rising:
            work += (bend - level) * rising
        level, rising = bend, rising + change
        below[level] = work
    return [
        below[one + more] / workers if more > 0 else 0.0
        for one, more in zip(spent, left, strict=True)
    ]


def work_left(accounts: Sequence[Account]) -> list[float]:
    """How many seconds of work there are left, at most, for each entry; inf: nobody knows.

    What an entry without a run will cost is taken from the others.
    """
    runs = sum(one.figures.runs for one in accounts)
    seconds = sum(one.figures.seconds for one in accounts)
    usual = seconds / runs if runs else math.inf
    return [_work_left(one, usual) for one in accounts]


def _work_left(account: Account, usual: float) -> float:
    spec, figures = account.spec, account.figures
    if figures.over:
        return 0.0
    limits = [math.inf]
    if figures.budget is not None:
        each = figures.seconds / figures.runs if figures.runs else usual
        limits.append((figures.budget - figures.runs) * each)
    if spec.seconds is not None:
        limits.append(max(0.0, spec.seconds - figures.seconds))
    return min(limits)
