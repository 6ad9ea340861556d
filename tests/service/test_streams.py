"""What watchers are sent: everything once, in order, until there is no more to come."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio
import trio.testing

from emu.service import streams as module
from emu.service.board import Board
from emu.service.errors import TooMany
from emu.service.journal import Journal
from emu.service.streams import CLOSE, COMMENT, RETRY, Streams


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    made = Journal(tmp_path)
    for _ in range(3):
        made.add({"event": "found"})
    return made


def numbers(sent: bytes) -> list[int]:
    return [int(line[4:]) for line in sent.split(b"\n") if line.startswith(b"id: ")]


async def all_of(stream: AsyncIterator[bytes]) -> list[bytes]:
    return [some async for some in stream]


async def test_a_campaign_that_is_over_is_told_to_its_end(journal: Journal) -> None:
    sent = await all_of(Streams(9).of_campaign(journal, 0, lambda: True))
    assert sent[0] == RETRY
    assert numbers(sent[1]) == [1, 2, 3]
    assert sent[2:] == [CLOSE]


async def test_who_comes_back_gets_what_is_new(journal: Journal) -> None:
    sent = await all_of(Streams(9).of_campaign(journal, 2, lambda: True))
    assert numbers(sent[1]) == [3]


async def test_what_happens_is_told_when_it_happens(
    journal: Journal, nursery: trio.Nursery
) -> None:
    over = False
    sent: list[bytes] = []

    async def watch() -> None:
        sent.extend(await all_of(Streams(9).of_campaign(journal, 3, lambda: over)))

    async with trio.open_nursery() as watching:
        watching.start_soon(watch)
        await trio.testing.wait_all_tasks_blocked()
        journal.add({"event": "over"})
        over = True
    assert numbers(b"".join(sent)) == [4]


async def test_a_quiet_stream_has_comments(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "QUIET", 0.01)
    stream = Streams(9).of_campaign(journal, 3, lambda: False)
    assert [await anext(stream) for _ in range(3)] == [RETRY, COMMENT, COMMENT]
    await stream.aclose()


async def test_streams_end_when_the_service_does(journal: Journal) -> None:
    streams = Streams(9)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(all_of, streams.of_campaign(journal, 0, lambda: False))
        await trio.testing.wait_all_tasks_blocked()
        streams.close()


def test_there_are_only_so_many() -> None:
    streams = Streams(1)
    with streams.counted(), pytest.raises(TooMany, match="1 streams are open"):
        streams.admit()
    streams.admit()


async def test_the_board_is_told_as_it_is_and_as_it_becomes(nursery: trio.Nursery) -> None:
    rows = {"a": {"id": "a", "runs": 1}}

    async def brief(name: str) -> dict[str, object]:
        await trio.lowlevel.checkpoint()
        return dict(rows[name])

    board = Board(lambda: list(rows), brief, tick=0.01)
    nursery.start_soon(board.run)
    stream = Streams(9).of_board(board, None)
    assert await anext(stream) == RETRY
    assert b'"runs":1' in await anext(stream)
    rows["a"]["runs"] = 2
    board.changed("a")
    assert b'"runs":2' in await anext(stream)
    await stream.aclose()
