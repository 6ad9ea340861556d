"""Tells a finding of a campaign because somebody asks: a worker runs it again.

What is left are a log and a finding beside those that the campaign has told; the ledger belongs
to the process that works on the campaign, and is not changed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

from emu.campaign.catch import Catch
from emu.campaign.crew import open_crew
from emu.campaign.losses import WorkerLost
from emu.campaign.onefinding import again_of, log_of
from emu.campaign.order import Tell, Told
from emu.campaign.triage import LOG, stored_of
from emu.errors import InternalError, LogError, UsageError
from emu.record.store import FINDING, finding_bytes, write_file

PATIENCE: Final = 60.0
"""How many seconds the worker may be silent before it counts as hung."""

_drafts = count(1)


async def tell_again(
    catch: Catch,
    directory: Path,
    *,
    memory: int = 0,
    path: Sequence[str] | None = None,
    patience: float = PATIENCE,
) -> Path:
    """Run a finding again in a process of its own, by its simplest tape; gives its log.

    Nothing is done if it has one. `memory` is how many bytes the process may have, 0: no limit;
    `path` is where it finds modules, by default where this process does. It is killed when this
    is cancelled. Any number of these may be under way, of one finding too.

    Raises `UsageError` when the finding cannot be run again, or does not turn up again, and
    `LogError` when its files cannot be written.
    """
    log = log_of(catch, directory)
    if log is not None:
        return log
    if catch.trouble:
        raise UsageError(f"finding {catch.number} is a run without an answer: it has no tape")
    home = again_of(catch, directory)
    told = await _told(_order(catch, home / LOG, patience), memory, path)
    stored = stored_of(catch.spec, catch.tally, told, LOG)
    draft = home.with_name(f".{home.name}-{os.getpid()}-{next(_drafts)}")
    try:
        write_file(draft / LOG, told.log)
        write_file(draft / FINDING, finding_bytes(stored))
        with suppress(OSError):  # another one was there first
            draft.rename(home)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    log = log_of(catch, directory)
    if log is None:
        raise LogError(f"cannot write {home / LOG}")
    return log


def _order(catch: Catch, log: Path, patience: float) -> Tell:
    sighted = catch.tally.sighted
    return Tell(
        spec=catch.spec,
        signature=catch.signature,
        tape=catch.tape,
        first_run=sighted.run,
        strategy=sighted.strategy,
        number=catch.number,
        shrink=0,
        log=str(log),
        patience=patience,
    )


async def _told(order: Tell, memory: int, path: Sequence[str] | None) -> Told:
    failure = ""
    told = None
    async with open_crew(1, memory, path=None if path is None else tuple(path)) as (worker,):
        try:
            told = await worker.do(order)
        except (WorkerLost, UsageError, InternalError) as wrong:
            failure = str(wrong)  # outside the block: inside, it would be one of a group
    if isinstance(told, Told):
        return told
    raise UsageError(f"finding {order.number} cannot be run again: {failure}")
