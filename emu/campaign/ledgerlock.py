"""The lock of a campaign: the one process that works on it holds it, and its file says which.

Who only asks has it for a moment, too. So whoever wants it tries more than once.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from emu.errors import LogError, UsageError

LOCK: Final = "campaign.lock"

MOMENTS: Final = (0.0, 0.001, 0.003, 0.01, 0.03)
"""So many seconds pass before each try to take the lock."""


def holder(directory: Path) -> str:
    """The process that works on the campaign, as text; empty if none does."""
    try:
        lock = os.open(directory / LOCK, os.O_RDWR)
    except OSError:
        return ""
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)  # those who ask do not see each other
    except BlockingIOError:
        return os.pread(lock, 64, 0).decode() or "unknown"
    finally:
        os.close(lock)
    return ""


def locked(directory: Path) -> int:
    """The lock of a campaign, held; a process that dies lets go of it."""
    try:
        lock = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as wrong:
        raise LogError(f"cannot open {directory / LOCK}: {wrong.strerror or wrong}") from None
    if not _taken(lock):
        who = os.pread(lock, 64, 0).decode() or "another process"
        os.close(lock)
        raise UsageError(
            f"{directory} is being worked on by process {who}; "
            f"look at it with `emu status {directory}`, or wait until that ends"
        )
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock


def _taken(lock: int) -> bool:
    """Take a lock, if no other has it; whoever asks by `holder` has it for a moment, too."""
    for pause in MOMENTS:
        time.sleep(pause)
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    return False
