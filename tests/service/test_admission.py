"""Who may run: what is bundled, and what is listed; nothing else is even imported."""

from __future__ import annotations

import sys

import pytest

from emu.service.admission import Admission
from emu.service.errors import Refused

LISTED = Admission(["tests.service.own:one", "tests.cli.programs:*"])


@pytest.mark.parametrize(
    "name",
    [
        "lock_order_inversion",
        "emu.scenarios.classics:lock_order_inversion",
        "tests.service.own:one",
        "tests.cli.programs:inversion",
    ],
)
def test_it_may_run(name: str) -> None:
    LISTED("scenario", name)


@pytest.mark.parametrize(
    "name",
    [
        "antigravity:fly",
        "tests.service.own:other",
        "os:system",
        "emu.scenarios.classics:nothing",
        ":",
    ],
)
def test_it_may_not_run(name: str) -> None:
    with pytest.raises(Refused, match="may not run here"):
        LISTED("scenario", name)


def test_nothing_is_imported_to_say_no() -> None:
    with pytest.raises(Refused):
        LISTED("strategy", "antigravity:Fly")
    assert "antigravity" not in sys.modules


def test_the_scenarios_that_may_run_are_listed() -> None:
    names = [row["name"] for row in Admission(["tests.cli.programs:*"]).scenarios()]
    assert "lock_order_inversion" in names
    assert "tests.cli.programs:inversion" in names
