"""What watchers are sent: events as they come, in small batches, and now and then a comment.

A stream holds nothing of its own: it takes what it has not sent yet from what all share. So one
that is not read costs nothing but its connection, until that is ended (`http.connection`).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

import trio

from emu.service.board import Board
from emu.service.errors import TooMany
from emu.service.journal import Journal

BATCH: Final = 0.1
"""Events of so many seconds are sent together."""

QUIET: Final = 15.0
"""After so many seconds without an event a comment is sent."""

COMMENT: Final = b": all quiet\n\n"
CLOSE: Final = b"event: close\ndata: {}\n\n"
RETRY: Final = b"retry: 1000\n\n"


class Streams:
    """Streams of events, at most so many at once, until `close`."""

    def __init__(self, most: int) -> None:
        self.open = 0
        self._most = most
        self._closed = False
        self._waiting: dict[trio.CancelScope, None] = {}

    def admit(self) -> None:
        """Raise `TooMany` if there is no room for one more."""
        if self.open >= self._most:
            raise TooMany(f"{self.open} streams are open, and no more are allowed; close one")

    @contextmanager
    def counted(self) -> Iterator[None]:
        """One more is open."""
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1

    def close(self) -> None:
        """End all streams."""
        self._closed = True
        for scope in list(self._waiting):
            scope.cancel()

    async def of_campaign(
        self, journal: Journal, after: int, over: Callable[[], bool]
    ) -> AsyncGenerator[bytes]:
        """The events of a campaign after a number, until it is `over`."""
        yield RETRY
        while not self._closed:
            events = journal.after(after)
            if events:
                after = events[-1][0]
                yield b"".join(frame for _, frame in events)
            elif over():
                yield CLOSE
                return
            elif await self._more(journal.wait):
                await trio.sleep(BATCH)
            elif not self._closed:
                yield COMMENT

    async def of_board(self, board: Board, after: int | None) -> AsyncGenerator[bytes]:
        """What is new of all campaigns; all of it first, unless it is known up to `after`."""
        with board.watched():
            yield RETRY
            while not self._closed:
                frames, after = await board.after(after)
                if frames:
                    yield frames
                elif not await self._more(board.wait) and not self._closed:
                    yield COMMENT

    async def _more(self, wait: Callable[[], Awaitable[None]]) -> bool:
        """Wait for more; gives whether there is any before it was quiet for too long."""
        with trio.move_on_after(QUIET) as scope:
            self._waiting[scope] = None
            try:
                await wait()
            finally:
                del self._waiting[scope]
        return not scope.cancelled_caught
