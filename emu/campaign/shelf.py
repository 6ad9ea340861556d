"""Saves what an entry's exploration found: a message, a way back and a log for each finding."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from emu.campaign.result import Result
from emu.errors import LogError
from emu.record.log import write_history
from emu.record.store import HISTORY, StoredFinding, save_finding


def save_findings(result: Result, directory: Path) -> Result:
    """Save every finding of `result` in `directory`, which is made if need be.

    Gives it with the places of the logs.

    Raises `LogError` when something cannot be written; what was written before stays.
    """
    found = result.exploration.findings
    if not found:
        return result
    try:
        directory.mkdir(exist_ok=True)
    except OSError as wrong:
        raise LogError(f"cannot make {directory}: {wrong.strerror or wrong}") from None
    stem, _, suffix = HISTORY.partition(".")
    names = [f"{stem}-{n}.{suffix}" if n > 1 else HISTORY for n in range(1, len(found) + 1)]
    saved = replace(result, logs=tuple(str(directory / name) for name in names))
    for one, name, text in zip(found, names, saved.messages, strict=True):
        history = result.history(one)
        write_history(history, directory / name)
        stored = StoredFinding.of(
            history,
            one.finding,
            text,
            original=str(one.tape),
            seed=one.seed,
            strategy=one.strategy,
            count=one.count,
            first_run=one.first_run + 1,
            log=name,
        )
        save_finding(stored, directory)
    return saved
