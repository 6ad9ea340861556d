"""The structlog chain that writes a history as JSON lines.

First a line that says what was run, then a line an event, then one with tape, outcome and
digest. Every line is an event of structlog; those of locks are logged with `info` and the
others with `debug`, so a level of the log is a level of the logger.

A batch of lines goes to the file with one write. It is small, because lines that stay in the
processor's cache until they are written cost half of those that do not (*measured*).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import IO, Final

import structlog
import zstandard
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

from emu.errors import LogError, UsageError
from emu.record.event import KINDS, LOCK_KINDS
from emu.record.history import ALL, LEVELS, History
from emu.record.line import render
from emu.record.row import row_of

BATCH: Final = 256
"""How many lines go to the file with one write."""

_THRESHOLDS: Final = {"all": logging.DEBUG, "locks": logging.INFO}
_METHODS: Final = {kind: "info" if kind in LOCK_KINDS else "debug" for kind in KINDS}

Write = Callable[[bytes], object]


def write_history(history: History, path: Path | str, *, level: str = ALL) -> bool:
    """Write `history` to a new log at `path`; gives whether `level` keeps anything of it.

    The log is compressed if its name ends in `.zst`. Raises `LogError`, naming the file, when it
    cannot be written; the lines before stay.
    """
    kept = kept_level(history, level)
    if not kept:
        return False
    try:
        with _opened(Path(path)) as file:
            _log(history, kept, file.write)
    except OSError as wrong:
        raise LogError(f"cannot write the log {path}: {wrong.strerror or wrong}") from None
    return True


def _opened(path: Path) -> IO[bytes]:
    if path.suffix != ".zst":
        return path.open("wb")
    return zstandard.open(path, "wb")  # type: ignore[no-any-return]  # it is such a file


def log_bytes(history: History, *, level: str = ALL) -> bytes:
    """The log that `write_history` would write; empty if it would write none."""
    log = BytesIO()
    if kept := kept_level(history, level):
        _log(history, kept, log.write)
    return log.getvalue()


def kept_level(history: History, level: str) -> str:
    """Which events a log of this level keeps, `all` or `locks`; empty if there is to be none."""
    if level not in LEVELS:
        raise UsageError(f"there is no log level {level!r}; allowed are {', '.join(LEVELS)}")
    if level == "findings":
        level = ALL if history.findings else "none"
    if level == ALL and history.level != ALL:
        raise UsageError(f"a history of level {history.level!r} cannot make a log of level {ALL!r}")
    return "" if level == "none" else level


def _log(history: History, level: str, write: Write) -> None:
    sink = _Sink(write)
    logger = _logger(sink, level)
    logger.info("run", row=history.head(level))
    sink.flush()
    say = {kind: getattr(logger, method) for kind, method in _METHODS.items()}
    sha = hashlib.sha256()
    for start in range(0, len(history.raw), BATCH):
        for raw in history.raw[start : start + BATCH]:
            kind = raw[0]
            say[kind](kind, raw=raw)
        sha.update(sink.flush())
    if level == ALL:
        history.settle(sha)
    logger.info("end", row=history.tail())
    sink.flush()


def _logger(sink: _Sink, level: str) -> FilteringBoundLogger:
    """A logger of its own: nothing of structlog's global configuration is read or changed."""
    made: FilteringBoundLogger = structlog.wrap_logger(
        sink,
        processors=[_flatten, _render],
        wrapper_class=structlog.make_filtering_bound_logger(_THRESHOLDS[level]),
        context_class=dict,
    ).bind()
    return made


def _flatten(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The first processor: an event as the machine noted it becomes a row."""
    raw = event.get("raw")
    return event["row"] if raw is None else row_of(raw)


def _render(_: WrappedLogger, __: str, row: EventDict) -> bytes:
    """The last processor: a row becomes a line."""
    return render(row)


class _Sink:
    """Where the chain ends: collects lines, and writes them when told."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._lines: list[bytes] = []
        self.info = self.debug = self._lines.append

    def flush(self) -> bytes:
        """Write the lines collected; gives what was written."""
        batch = b"".join(self._lines)
        self._lines.clear()
        self._write(batch)
        return batch
