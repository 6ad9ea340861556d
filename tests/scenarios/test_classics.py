"""The classics show what they are for, within a budget, from a fixed seed."""

from __future__ import annotations

import pytest

from emu.engine.scenario import Scenario, setup
from emu.record.finding import Verdict
from emu.scenarios import classics
from emu.search.explore import explore
from emu.search.replay import replay

CLASSICS = (
    classics.lock_order_inversion,
    classics.philosophers,
    classics.lost_update,
    classics.lost_wakeup,
    classics.handler_takes_lock,
    classics.exact_step,
)


@pytest.mark.parametrize("program", CLASSICS, ids=lambda program: program.name)
async def test_the_expectation_of_a_classic_is_met(program: Scenario) -> None:
    exploration = await explore(setup(program), runs=2_000, seed=1, stop="met")

    assert exploration.verdict is Verdict.MET, exploration.outcomes


@pytest.mark.parametrize("program", CLASSICS, ids=lambda program: program.name)
async def test_the_first_finding_of_a_classic_replays(program: Scenario) -> None:
    exploration = await explore(setup(program), runs=2_000, seed=2)
    found = exploration.findings[0]

    assert (await replay(setup(program), found.tape)).digest == found.history.digest
