"""One entry explored as it says: with a strategy, or exhaustively."""

from __future__ import annotations

from emu.campaign.entry import Entry
from emu.engine.carrier import Carriers
from emu.errors import EmuError
from emu.search.answer import NAME
from emu.search.edge import Halt
from emu.search.exhaustive import exhaust
from emu.search.exploration import Exploration
from emu.search.explore import LANES, OnRun, explore


async def explore_entry(
    entry: Entry,
    *,
    lanes: int = LANES,
    reduce: bool = True,
    behaviours: bool = False,
    on_run: OnRun | None = None,
    halt: Halt | None = None,
    carriers: Carriers | None = None,
) -> Exploration:
    """Explore `entry`; raises `UsageError` for what cannot begin.

    An error of the user's that ends it in its course is the exploration's `broken`, and is not
    raised. `reduce` is for an exhaustive search; see `exhaust`.
    """
    try:
        if entry.strategy == NAME:
            return await exhaust(
                entry.setup,
                bound=entry.bound,
                reduce=reduce,
                runs=entry.runs,
                seconds=entry.seconds,
                stop=entry.until,
                on_run=on_run,
                halt=halt,
                carriers=carriers,
            )
        return await explore(
            entry.setup,
            entry.strategy,
            runs=entry.runs,
            seconds=entry.seconds,
            seed=entry.seed,
            lanes=lanes,
            stop=entry.until,
            behaviours=behaviours,
            on_run=on_run,
            halt=halt,
            carriers=carriers,
        )
    except EmuError as wrong:
        if not isinstance(wrong.exploration, Exploration):
            raise
        return wrong.exploration
