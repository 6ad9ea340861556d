"""The findings of one entry, shrunk: what is shown is then the simplest run of each."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from emu.campaign.result import Result
from emu.errors import Mismatch
from emu.search.edge import Halt
from emu.search.shrink import QUICK_RUNS, OnTrial, Shrunk, shrink

MOST: Final = 3
"""How many findings are shrunk: those that are shown."""


async def shrink_findings(
    result: Result,
    *,
    runs: int = QUICK_RUNS,
    on_trial: OnTrial | None = None,
    halt: Halt | None = None,
) -> Result:
    """`result` with its first few findings shrunk, each in at most `runs` runs.

    A finding whose own tape does not give it again is left as it is: a replay will say why.
    """
    shrunk: dict[str, Shrunk] = {}
    for found in result.in_order[:MOST]:
        if halt is not None and halt.requested:
            break
        try:
            shrunk[found.signature] = await shrink(
                result.entry.setup,
                found.tape,
                runs=runs,
                signature=found.signature,
                on_trial=on_trial,
                halt=halt,
            )
        except Mismatch:
            continue
    return replace(result, shrunk=shrunk)
