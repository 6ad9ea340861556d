"""What the service has to say of itself: JSON lines on stderr, each an event with its time."""

from __future__ import annotations

import os
import sys
from typing import Any, Final, TextIO

import orjson
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

LONGEST: Final = 2_000
"""Characters of one value: what callers send cannot fill a disk."""


class Lines:
    """Where lines end up; a stream that nobody reads any more stops no work."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def line(self, text: str) -> None:
        stream = sys.stderr if self._stream is None else self._stream
        try:
            stream.write(text + "\n")
            stream.flush()
        except OSError:  # full, or without a reader: what is left of it goes nowhere
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())

    debug = info = warning = error = critical = line


def logger(stream: TextIO | None = None) -> FilteringBoundLogger:
    """A logger of its own: `event` by name, then fields; with `exc_info` the traceback, too.

    Nothing of structlog's global configuration is read or changed.
    """
    made: FilteringBoundLogger = structlog.wrap_logger(
        Lines(stream),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        context_class=dict,
    ).bind()
    return made


def _render(_: WrappedLogger, __: str, event: EventDict) -> str:
    head = {name: event.pop(name) for name in ("timestamp", "level", "event")}
    fields = {name: _short(name, value) for name, value in event.items()}
    return orjson.dumps({**head, **fields}, default=repr).decode()


def _short(name: str, value: Any) -> Any:
    if isinstance(value, str):
        value = value.encode(errors="backslashreplace").decode()  # no lone surrogates
        if len(value) > LONGEST and name != "exception":
            return value[:LONGEST] + "…"
    return value
