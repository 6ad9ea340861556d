"""All campaigns at a glance: everything at first, then what is new; nothing while nobody looks."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import trio

from emu.service.board import Board
from emu.service.errors import NotFound

TICK = 0.02


class Campaigns:
    """Campaigns that are there, and how often they were looked at."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.looks = 0

    async def brief(self, name: str) -> dict[str, Any]:
        await trio.lowlevel.checkpoint()
        self.looks += 1
        if name not in self.rows:
            raise NotFound(name)
        return dict(self.rows[name])


def told(frames: bytes) -> list[tuple[str, Any]]:
    """Name and row of each event that was sent."""
    found = []
    for frame in frames.decode().split("\n\n")[:-1]:
        _, event, data = frame.split("\n")
        row = orjson.loads(data.removeprefix("data: "))
        found.append((row.pop("event"), row))
        assert event == f"event: {found[-1][0]}"
    return found


@pytest.fixture
def campaigns() -> Campaigns:
    return Campaigns()


@pytest.fixture
async def board(campaigns: Campaigns, nursery: trio.Nursery) -> Board:
    made = Board(lambda: list(campaigns.rows), campaigns.brief, first=10, recent=5, tick=TICK)
    nursery.start_soon(made.run)
    return made


async def test_everything_comes_first(board: Board, campaigns: Campaigns) -> None:
    campaigns.rows = {"a": {"id": "a", "runs": 1}, "b": {"id": "b", "runs": 2}}
    frames, _ = await board.after(None)
    assert told(frames) == [
        ("campaign", {"id": "a", "runs": 1}),
        ("campaign", {"id": "b", "runs": 2}),
        ("ready", {}),
    ]


async def test_then_what_is_new(board: Board, campaigns: Campaigns) -> None:
    campaigns.rows["a"] = {"id": "a", "runs": 1}
    with board.watched():
        _, last = await board.after(None)
        campaigns.rows["a"] = {"id": "a", "runs": 2}
        board.changed("a")
        await board.wait()
        assert told((await board.after(last))[0]) == [("campaign", {"id": "a", "runs": 2})]


async def test_what_is_no_news_is_not_told(board: Board, campaigns: Campaigns) -> None:
    campaigns.rows["a"] = {"id": "a"}
    with board.watched():
        _, last = await board.after(None)
        board.changed("a")
        await trio.sleep(3 * TICK)
        assert await board.after(last) == (b"", last)


async def test_what_is_deleted_while_it_is_looked_up_is_not_shown(campaigns: Campaigns) -> None:
    async def brief(name: str) -> dict[str, Any]:
        row = await campaigns.brief(name)
        campaigns.rows.clear()
        return row

    campaigns.rows = {"a": {"id": "a"}}
    board = Board(lambda: list(campaigns.rows), brief)
    assert told((await board.after(None))[0]) == [("ready", {})]


async def test_what_is_deleted_is_told(board: Board, campaigns: Campaigns) -> None:
    campaigns.rows["a"] = {"id": "a"}
    with board.watched():
        _, last = await board.after(None)
        del campaigns.rows["a"]
        board.changed("a")
        await board.wait()
        assert told((await board.after(last))[0]) == [("deleted", {"id": "a"})]


async def test_nothing_is_looked_up_while_nobody_watches(
    board: Board, campaigns: Campaigns
) -> None:
    campaigns.rows["a"] = {"id": "a"}
    for _ in range(3):
        board.changed("a")
        await trio.sleep(TICK)
    assert campaigns.looks == 0


async def test_many_changes_are_one_look(board: Board, campaigns: Campaigns) -> None:
    campaigns.rows["a"] = {"id": "a"}
    with board.watched():
        for _ in range(50):
            board.changed("a")
        await board.wait()
        await trio.sleep(3 * TICK)
        assert campaigns.looks == 1


@pytest.mark.parametrize("last", [0, 9, 99])
async def test_who_was_away_for_too_long_gets_everything_again(
    board: Board, campaigns: Campaigns, last: int
) -> None:
    campaigns.rows["a"] = {"id": "a"}
    frames, _ = await board.after(last)
    assert [name for name, _ in told(frames)] == ["gap", "campaign", "ready"]


async def test_news_that_is_too_old_is_forgotten(board: Board, campaigns: Campaigns) -> None:
    with board.watched():
        for runs in range(6):
            campaigns.rows["a"] = {"id": "a", "runs": runs}
            board.changed("a")
            await board.wait()
        frames, _ = await board.after(10)
        assert [name for name, _ in told(frames)] == ["gap", "campaign", "ready"]
        frames, _ = await board.after(11)
        assert len(told(frames)) == 5
