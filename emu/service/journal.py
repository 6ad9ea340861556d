"""The events of a campaign, numbered from 1, on disk and ready to send.

Each is a line of `events.jsonl`, with its number as `id`. The latest are in memory, as
server-sent events, made once for however many watch. What is older is looked up in the file; when
that has grown to `MOST` bytes, its older half is given up.

How many runs of each entry were told is known from the latest events alone: now and then a line
has these sums with it, as `told`, which is sent to nobody.
"""

from __future__ import annotations

import errno
import os
from bisect import bisect_right
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

import orjson
import trio

FILE: Final = "events.jsonl"

MOST: Final = 64 << 20
"""How many bytes the file may have."""

RECENT: Final = 1_000
"""How many events are in memory."""

SUMMED: Final = 400
"""One line in so many has the sums with it: always one of the latest that are in memory."""

SUMS: Final = "told"

AT_ONCE: Final = 256
"""How many are read from the file at once."""

Key = tuple[str, str]
"""An entry: its plan, and its name."""


class Journal:
    """The events of the campaign in `directory`.

    What a process that was killed has left unfinished is removed. `lost` says why events are not
    on the disk, if they are not; they are told all the same. `latest` is the name of the last one.
    """

    def __init__(self, directory: Path, most: int = MOST) -> None:
        self.path = directory / FILE
        self.lost = ""
        self.last = 0
        self.latest = ""
        self._told: dict[Key, int] = {}
        self._most = most
        self._recent: deque[tuple[int, bytes]] = deque(maxlen=RECENT)
        self._added = trio.Event()
        self._size = 0
        with suppress(OSError):
            self._mend()
        self._summed = not self.last  # whether what is not in the sums was never told
        for row in self._from_file(max(0, self.last - RECENT), RECENT):
            self._summed |= row["id"] == 1 or SUMS in row
            self._sum(row)
            self._recent.append(_sent(row))

    def add(self, row: dict[str, Any]) -> int:
        """Note an event, a row with its name as `event`; gives its number."""
        self.last += 1
        self._sum(row)
        self._recent.append((self.last, framed(self.last, row)))
        line = {"id": self.last, **row}
        if self._summed and (self.lost or not self.last % SUMMED):
            line[SUMS] = [[*key, total] for key, total in self._told.items()]
        self._write(orjson.dumps(line) + b"\n")
        self.wake()
        return self.last

    def catch_up(self, counted: Mapping[Key, int], time: float) -> None:
        """Tell of runs that are counted, and were not told: a harvest an entry.

        An entry of which nobody knows any more how many were told is taken to be told.
        """
        for key, total in counted.items():
            told = self._told.setdefault(key, 0 if self._summed else total)
            if total > told:
                plan, entry = key
                harvest = {"event": "harvest", "time": time, "plan": plan, "entry": entry}
                self.add({**harvest, "runs": total - told, "total": total})
        self._summed = True

    def wake(self) -> None:
        """Let those who wait look again."""
        self._added.set()
        self._added = trio.Event()

    async def wait(self) -> None:
        """Wait for the next event, or for `wake`."""
        await self._added.wait()

    def after(self, number: int) -> list[tuple[int, bytes]]:
        """Events with higher numbers, as they are sent, but no more than some; none: no more yet.

        They begin with a later one than the next, if that is given up.
        """
        if self._recent and number >= self._recent[0][0] - 1:
            recent = list(self._recent)
            seen = bisect_right(recent, number, key=itemgetter(0))  # some may be missing on a disk
            return recent[seen : seen + AT_ONCE]
        return [_sent(row) for row in self._from_file(number, AT_ONCE)]

    def _sum(self, row: dict[str, Any]) -> None:
        self.latest = row["event"]
        for plan, entry, total in row.get(SUMS, ()):
            self._told[plan, entry] = total
        if row["event"] == "harvest" and row.keys() >= {"plan", "entry", "total"}:
            self._told[row["plan"], row["entry"]] = row["total"]

    def _write(self, line: bytes) -> None:
        try:
            with self.path.open("ab", buffering=0) as file:
                end = file.tell()
                if file.write(line) < len(line):  # there was room for a part of it alone
                    file.truncate(end)
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._size += len(line)
            if self._size > self._most:
                self._halve()
            self.lost = ""
        except OSError as wrong:
            self.lost = f"{self.path.name} cannot be written: {wrong.strerror or wrong}"

    def _mend(self) -> None:
        """Cut off what is no event at the end of the file, and find the last number."""
        with self.path.open("rb+") as file:
            size = file.seek(0, os.SEEK_END)
            whole = _line_start(file, size)  # behind it is a line that was never finished
            while whole and not self.last:
                begin = _line_start(file, whole - 1)
                file.seek(begin)
                row = _row_in(file.readline())
                if row is None:
                    whole = begin
                else:
                    self.last = row["id"]
            if whole < size:
                file.truncate(whole)
            self._size = whole

    def _halve(self) -> None:
        """Keep the younger half of the file."""
        with self.path.open("rb") as file:
            file.seek(self._size // 2)
            file.readline()
            rest = file.read()
        draft = self.path.with_name(f".{FILE}")
        draft.write_bytes(rest)
        draft.replace(self.path)
        self._size = len(rest)

    def _from_file(self, number: int, most: int) -> list[dict[str, Any]]:
        """Lines of events after this number: these rise, so the first is found by halving.

        A line that is no event, as a machine that crashed may leave, is passed over.
        """
        found: list[dict[str, Any]] = []
        with suppress(OSError), self.path.open("rb") as file:
            low, high = 0, file.seek(0, os.SEEK_END)
            while low < high:  # no line before `low` has a higher number
                middle = _line_start(file, (low + high) // 2)
                file.seek(middle)
                line = file.readline()
                row = _row_in(line)
                if row is None or row["id"] > number:
                    high = middle
                else:
                    low = middle + len(line)
            file.seek(low)
            for line in file:
                row = _row_in(line)
                if row is not None and row["id"] > number:
                    found.append(row)
                    if len(found) == most:
                        break
        return found


def framed(number: int, row: dict[str, Any]) -> bytes:
    """An event as it is sent: with its number, its name, and its row as JSON."""
    name = str(row["event"])
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (number, name.encode(), orjson.dumps(row))


def _sent(row: dict[str, Any]) -> tuple[int, bytes]:
    """Number and frame of an event in the file."""
    number = row.pop("id")
    row.pop(SUMS, None)
    return number, framed(number, row)


def _row_in(line: bytes) -> dict[str, Any] | None:
    """The event in a line of the file, with its number; None: there is none."""
    with suppress(ValueError):
        row = orjson.loads(line)
        if isinstance(row, dict) and isinstance(row.get("id"), int) and "event" in row:
            return row
    return None


def _line_start(file: Any, position: int) -> int:
    """Where the line begins that has the byte at `position`; behind the last line, that itself."""
    block = 4096
    end = position
    while end > 0:
        start = max(0, end - block)
        file.seek(start)
        at = file.read(end - start).rfind(b"\n")
        if at >= 0:
            return int(start + at + 1)
        end = start
    return 0
