"""Select: one of several sends and receives, whichever can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from emu.gosync.arrival import meet

if TYPE_CHECKING:
    from emu.engine.machine import Machine
    from emu.gosync.channel import Case

DEFAULT: Final = -1
"""The number that stands for the default case."""


class Selected(NamedTuple):
    """Which case was taken, and what it received: None and False unless it did."""

    case: int
    value: Any = None
    ok: bool = False


async def select(m: Machine, *cases: Case, default: bool = False) -> Selected:
    """Take one of `cases`; where several are ready, which is a choice.

    Without `default` this waits until one is, and without cases for ever. With it a case
    counts only if it is ready at once; else the result's case is `DEFAULT`. Raises `Panic`
    where the case taken sends on a closed channel.
    """
    arrival = await meet(m, cases, "select", default=default)
    if arrival is None:
        return Selected(DEFAULT)
    return Selected(arrival.taken, arrival.value, arrival.ok)
