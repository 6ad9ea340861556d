"""Strategies by name, and sentences for names that are none."""

from __future__ import annotations

import pytest

from emu.errors import UsageError
from emu.search.bursts import Bursts
from emu.search.calibration import Calibration, Measure
from emu.search.pct import Pct
from emu.search.strategies import HELP, ROTATION, parse_strategy
from emu.search.strategy import Strategy
from emu.search.walk import RandomWalk


@pytest.mark.parametrize(
    ("text", "kind"), [("random", RandomWalk), ("bursts", Bursts), ("pct:4", Pct)]
)
def test_a_name_makes_its_strategy(text: str, kind: type[Strategy]) -> None:
    assert type(parse_strategy(text).make(0, 1, Calibration())) is kind


def test_plain_pct_has_depth_three() -> None:
    assert parse_strategy("pct").text == "pct:3"


def test_every_strategy_with_help_can_be_parsed() -> None:
    assert [parse_strategy(name).text for name in HELP] == [
        "random",
        "pct:3",
        "bursts",
        "pos",
        "urw",
        "surw",
        "rotation",
    ]


def test_the_rotation_takes_its_parts_in_turn() -> None:
    recipe = parse_strategy("rotation")

    labels = [recipe.label(run) for run in range(2 * len(ROTATION))]
    assert labels == [*ROTATION, *ROTATION]


def test_the_depth_of_pct_is_one_more_than_its_change_points() -> None:
    strategy = parse_strategy("pct:4").make(0, 1, Calibration((Measure(100),)))

    assert isinstance(strategy, Pct)
    assert len(strategy._changes) == 3


ALLOWED = "there are random, pct, bursts, pos, urw, surw, rotation, or module:Class of your own"
DEPTHS = "allowed is a whole number from 1 to 100, as in 'pct:3'"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("randon", f"there is no strategy 'randon'; {ALLOWED}; did you mean 'random'?"),
        ("", f"there is no strategy ''; {ALLOWED}"),
        ("pct:x", f"strategy 'pct:x' has depth 'x'; {DEPTHS}"),
        ("pct:0", f"strategy 'pct:0' has depth '0'; {DEPTHS}"),
        ("random:3", "strategy 'random:3': random has no parameter; write 'random'"),
        ("rotation:2", "strategy 'rotation:2': rotation has no parameter; write 'rotation'"),
    ],
)
def test_a_wrong_name_is_answered_with_what_is_allowed(text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_strategy(text)

    assert str(caught.value) == sentence
