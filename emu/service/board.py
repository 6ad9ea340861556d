"""All campaigns at a glance, for whoever watches: what is new about each, at most twice a second.

Nothing is looked up while nobody watches.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import trio

from emu.service.errors import NotFound
from emu.service.journal import framed

TICK: Final = 0.5
"""Seconds between two looks at what has changed."""

RECENT: Final = 1_000
"""How many pieces of news are kept, for watchers that come back."""

Row = dict[str, Any]


class Board:
    """What `brief` says of each campaign of `names`, which are in the order to show them in.

    News is numbered from `first` on. `brief` raises `NotFound` for a campaign that is gone.
    """

    def __init__(
        self,
        names: Callable[[], Sequence[str]],
        brief: Callable[[str], Awaitable[Row]],
        first: int = 0,
        recent: int = RECENT,
        tick: float = TICK,
    ) -> None:
        self._names = names
        self._brief = brief
        self._number = first
        self._tick = tick
        self._known: dict[str, Row] = {}
        self._news: deque[tuple[int, bytes]] = deque(maxlen=recent)
        self._dirty: dict[str, None] = {}
        self._watchers = 0
        self._changed = trio.Event()
        self._added = trio.Event()

    def changed(self, name: str) -> None:
        """Something about a campaign may be new."""
        self._dirty[name] = None
        self._changed.set()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Somebody watches."""
        self._watchers += 1
        self._changed.set()
        try:
            yield
        finally:
            self._watchers -= 1

    async def run(self) -> None:
        """Look at what has changed, as long as somebody watches."""
        while True:
            await self._changed.wait()
            self._changed = trio.Event()
            if self._watchers:
                dirty, self._dirty = self._dirty, {}
                for name in dirty:
                    await self._look(name)
                await trio.sleep(self._tick)

    async def wait(self) -> None:
        """Wait for news."""
        await self._added.wait()

    async def after(self, number: int | None) -> tuple[bytes, int]:
        """The news after a number, and its last number; without one, everything there is."""
        oldest = self._news[0][0] - 1 if self._news else self._number
        if number is not None and oldest <= number <= self._number:
            frames = [frame for one, frame in self._news if one > number]
            return b"".join(frames), self._number
        now = self._number
        frames = [] if number is None else [framed(now, {"event": "gap"})]
        for name in self._names():
            row = self._known.get(name)
            if row is None:
                row = await self._row(name)
            if row is not None and name in self._names():  # it may be deleted since
                self._known.setdefault(name, row)
                frames.append(framed(now, {"event": "campaign", **row}))
        frames.append(framed(now, {"event": "ready"}))
        return b"".join(frames), now

    async def _look(self, name: str) -> None:
        row = await self._row(name)
        if row is None:
            if self._known.pop(name, None) is not None:
                self._add({"event": "deleted", "id": name})
        elif row != self._known.get(name):
            self._known[name] = row
            self._add({"event": "campaign", **row})

    async def _row(self, name: str) -> Row | None:
        try:
            return await self._brief(name)
        except NotFound:
            return None

    def _add(self, row: Row) -> None:
        self._number += 1
        self._news.append((self._number, framed(self._number, row)))
        self._added.set()
        self._added = trio.Event()
