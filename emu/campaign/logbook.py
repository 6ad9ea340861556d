"""The logs of runs: compressed files, the oldest dropped when they take too much room.

A file holds the logs of many runs of a shard, one after the other; once it is long enough
(`parts`) the next is begun. Runs that found something have files of their own, which go last;
the log of a finding itself is not here, and is never dropped.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from emu.campaign.ledger import Ledger
from emu.campaign.order import Yield
from emu.campaign.terms import Terms
from emu.record.logs import LOGS
from emu.record.store import write_file

DIRECTORY: Final = LOGS
SUFFIX: Final = ".jsonl.zst"


class Logbook:
    """The logs of the runs of one campaign."""

    def __init__(self, ledger: Ledger, terms: Terms) -> None:
        self._ledger = ledger
        self._cap = terms.cap
        self._directory = ledger.directory / DIRECTORY
        self._total = sum(size for _, _, size, _ in ledger.logs())

    def write(self, entry: int, answer: Yield) -> list[tuple[str, int, bool]]:
        """Write the logs that came with a harvest; gives file, bytes, and whether its runs found.

        Raises `LogError` when they cannot be written.
        """
        written: list[tuple[str, int, bool]] = []
        stem = f"{entry + 1:04}-{answer.harvest.first:010}"
        for parts, found in ((answer.passed, False), (answer.failed, True)):
            for number, log in enumerate(parts, start=1):
                name = f"{stem}{'-found' if found else ''}-{number:03}{SUFFIX}"
                write_file(self._directory / name, log)
                written.append((name, len(log), found))
        return written

    def trim(self, written: list[tuple[str, int, bool]]) -> None:
        """Count these, and drop the oldest while all together take too much."""
        self._total += sum(size for _, size, _ in written)
        if self._total <= self._cap:
            return
        for number, name, size, _ in sorted(self._ledger.logs(), key=lambda log: log[3]):
            if self._total <= self._cap:
                break
            with suppress(FileNotFoundError):
                (self._directory / name).unlink()
            self._ledger.forget_log(number)
            self._total -= size

    def tidy(self) -> None:
        """Remove what was written by a sitting that ended before it could be booked."""
        if not self._directory.is_dir():
            return
        known = {name for _, name, _, _ in self._ledger.logs()}
        for path in sorted(self._directory.iterdir()):
            if path.name not in known:
                path.unlink()
