"""Scenarios by name."""

from __future__ import annotations

import pytest

from emu.campaign.catalogue import bundled, find_scenario
from emu.errors import UsageError
from emu.scenarios import classics


def test_a_bundled_scenario_has_a_short_name() -> None:
    assert find_scenario("philosophers") is classics.philosophers


def test_the_long_name_finds_the_same() -> None:
    assert find_scenario("emu.scenarios.classics:philosophers") is classics.philosophers


def test_every_bundled_scenario_has_a_summary() -> None:
    assert all(scenario.summary for scenario in bundled().values())


def test_a_mistyped_name_gets_a_hint() -> None:
    with pytest.raises(UsageError, match="did you mean 'philosophers'"):
        find_scenario("filosophers")


def test_an_unknown_name_is_told_where_to_look() -> None:
    with pytest.raises(UsageError, match="`emu list` lists the bundled ones"):
        find_scenario("zzz")
