"""POS: who loses a race is drawn anew, who was not in it keeps its priority."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from emu.engine.scenario import setup
from emu.search.calibration import Calibration, Measure
from emu.search.census import Tally
from emu.search.explore import explore
from emu.search.pos import PartialOrder
from tests.search.tiny import polling, reorder

THREADS = [("store", "x"), ("load", "x"), ("store", "y"), ("work", "")]


def standing(*about: tuple[str, str]) -> Sequence[Any]:
    """Threads that are about to do these operations to these targets."""
    return [
        SimpleNamespace(id=number, name=f"T{number}", operation=operation, target=target)
        for number, (operation, target) in enumerate(about)
    ]


def drawn_anew(chosen: int, about: list[tuple[str, str]], known: Calibration) -> list[int]:
    """Whose priority changes when thread `chosen` has the highest and is asked for."""
    strategy = PartialOrder(1, known)
    strategy._priority = before = [0.5 + 0.4 * (one == chosen) for one in range(len(about))]
    before = list(before)

    option = strategy.thread(1, standing(*about), 0)

    assert option == chosen
    return [one for one in range(len(about)) if strategy._priority[one] != before[one]]


@pytest.mark.parametrize(
    ("chosen", "anew"),
    [(0, [0, 1]), (1, [0, 1]), (2, [2]), (3, [3])],
    ids=["a store", "a load", "another word", "no target"],
)
def test_the_chosen_event_and_those_that_race_with_it_are_drawn_anew(
    chosen: int, anew: list[int]
) -> None:
    assert drawn_anew(chosen, THREADS, Calibration()) == anew


def test_two_loads_do_not_race() -> None:
    assert drawn_anew(0, [("load", "x"), ("load", "x")], Calibration()) == [0]


def test_what_a_thread_begins_with_is_known_from_earlier_runs() -> None:
    tallies = (Tally("T1", "main", ("store", "x"), (("x", 1),)),)
    about = [("load", "x"), ("start", "T1"), ("start", "T2")]

    assert drawn_anew(0, about, Calibration((Measure(9, threads=tallies),))) == [0, 1]


def test_who_yields_comes_after_all_others() -> None:
    strategy = PartialOrder(1, Calibration())
    threads = standing(("work", ""), ("work", ""), ("work", ""))
    strategy.thread(1, threads, 0)

    strategy.yielded(threads[1])
    strategy.yielded(threads[2])

    assert strategy._priority[0] > strategy._priority[1] > strategy._priority[2]


async def test_who_polls_does_not_starve_whom_it_polls_for() -> None:
    found = await explore(setup(polling), "pos", runs=200, stop="budget")

    assert found.outcomes == {"ok": 200}


async def test_pos_finds_the_tiny_window_sooner_than_a_random_walk() -> None:
    """The reference says 16 schedules against 41."""
    found = await explore(setup(reorder), "pos", runs=3_000, seed=7, stop="budget")

    assert found.runs / found.outcomes["assertion"] == pytest.approx(16, rel=0.25)
