"""The rotation: whose turn it is, and what it learns."""

from __future__ import annotations

import pytest

from emu.engine.scenario import setup
from emu.search.explore import explore
from emu.search.rotation import LEARNS, MOST, Rotation, spread
from tests.search.tiny import calm


def learned(new: tuple[int, int], runs: int = 200) -> Rotation:
    """A rotation of two parts, each of which has shown something new that often."""
    rotation = Rotation(2)
    for part in (0, 1):
        for run in range(runs):
            rotation.learn(part, new=run < new[part])
    return rotation


def turns(rotation: Rotation, part: int, runs: int = 700) -> int:
    return [rotation.turn(run) for run in range(runs)].count(part)


def test_at_first_the_parts_take_turns() -> None:
    rotation = Rotation(3)

    assert [rotation.turn(run) for run in range(7)] == [0, 1, 2, 0, 1, 2, 0]


def test_early_generations_learn_nothing() -> None:
    rotation = learned((200, 0))
    rotation.turn_over(LEARNS // 2)

    assert turns(rotation, 0, 10) == 5


def test_who_shows_what_is_new_gets_more_turns() -> None:
    rotation = learned((200, 0))
    rotation.turn_over(LEARNS)

    assert turns(rotation, 0) == pytest.approx(MOST * turns(rotation, 1), rel=0.02)


def test_where_nothing_is_new_all_get_the_same() -> None:
    rotation = learned((0, 0))
    rotation.turn_over(LEARNS)

    assert turns(rotation, 0) == turns(rotation, 1)


def test_what_was_new_long_ago_counts_ever_less() -> None:
    rotation = learned((200, 0))
    for generation in range(6, 20):
        rotation.turn_over(1 << generation)
        for part in (0, 1):
            for _ in range(200):
                rotation.learn(part, new=False)
    rotation.turn_over(1 << 20)

    assert turns(rotation, 0) == turns(rotation, 1)


@pytest.mark.parametrize("shares", [[1], [1, 1, 1], [6, 1, 3], [2, 0, 1]])
def test_a_cycle_has_the_turns_that_were_asked_for(shares: list[int]) -> None:
    cycle = spread(shares)

    assert [cycle.count(part) for part in range(len(shares))] == shares


def test_turns_are_far_apart() -> None:
    assert spread([3, 1, 2]) == [0, 2, 0, 1, 2, 0]


async def test_an_exploration_says_how_much_new_each_strategy_has_shown() -> None:
    explored = await explore(setup(calm, {"threads": 1}), runs=40, stop="budget")

    assert {label: share.new for label, share in explored.by_strategy.items() if share.new} == {
        "random": 1
    }
