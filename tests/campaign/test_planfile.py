"""A plan that is written reads back as the entries it was written from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from emu.campaign.plan import read_plan
from emu.campaign.planfile import plan_text
from emu.campaign.spec import EntrySpec, spec_of
from tests.cli.prompt import ROOT

SHIPPED = sorted((ROOT / "configs").glob("*.toml"))

CHAOS = """
name = "own"
[[entry]]
name = 'with "quotes" and \\ more'
scenario = "tests.campaign.programs:inversion"
params = { rounds = 3 }
strategy = "pct:4"
seed = 7
runs = 12
seconds = 2.5
until = "finding"
watchdog = { lock_wait = "3s", steps = 900, silence = false }
expect = { some = ["deadlock [left, right]*"], only = ["ok"] }
  [[entry.chaos.signal]]
  signal = "SIGUSR1"
  to = "any"
  rate = 0.25
  limit = "none"
  [[entry.chaos.stall]]
  duration = "5ms"
[[entry]]
name = "nothing happens"
scenario = "signal_at_thread_start"
chaos = {}
[[entry]]
name = "all of it"
scenario = "tests.campaign.programs:inversion"
strategy = "exhaustive"
bound = 2
"""


def specs(path: Path) -> list[EntrySpec]:
    """The entries of a plan, wherever it is."""
    plan = read_plan(str(path))
    return [replace(spec_of(entry, plan.name), target="") for entry in plan.entries]


def written(path: Path, directory: Path) -> list[EntrySpec]:
    """The entries of a plan that was written from those at `path`."""
    before = specs(path)
    copy = directory / "copy.toml"
    copy.write_text(plan_text(before[0].plan, [(one.name, one) for one in before]))
    return specs(copy)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_plans_read_back(path: Path, tmp_path: Path) -> None:
    assert written(path, tmp_path) == specs(path)


def test_everything_that_a_plan_can_say_reads_back(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(CHAOS)
    assert written(tmp_path / "plan.toml", tmp_path) == specs(tmp_path / "plan.toml")
