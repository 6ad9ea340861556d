"""The passing run that is nearest to a failing one."""

from __future__ import annotations

from functools import partial

import pytest

from emu.engine.machine import Machine
from emu.engine.scenario import Scenario, scenario, setup
from emu.posix.memory import Word
from emu.record.tape import Tape, parse_tape
from emu.scenarios.classics import handler_takes_lock, lock_order_inversion, lost_update
from emu.search.exploration import findings_of
from emu.search.explore import explore
from emu.search.nearest import nearest_passing
from tests.search.test_shrinking import alone
from tests.search.tiny import deadlock01, impatient, lazy01

PROGRAMS = [lock_order_inversion, lost_update, handler_takes_lock, deadlock01, impatient, lazy01]


@scenario()
async def hasty(m: Machine) -> None:
    """Asks for a result before it can be there, unless the other thread is quicker."""
    done = Word(m, "done")
    m.spawn(partial(done.store, 1), name="worker")
    assert await done.load() == 1


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
async def test_it_finds_nothing_and_replays(program: Scenario) -> None:
    exploration = await explore(setup(program), "bursts", runs=500)
    passing = await nearest_passing(setup(program), exploration.findings[0].tape)
    assert passing is not None
    assert passing.outcome.name == "ok"
    assert findings_of(passing) == ()


async def test_the_last_deviation_that_matters_is_left_out() -> None:
    """The second one does no harm: without the first, it is still there."""
    failing = parse_tape("emu1:3t1")
    passing = await nearest_passing(setup(lock_order_inversion), failing)
    assert passing is not None
    assert passing.tape.deviations == ()


async def test_where_the_quiet_schedule_fails_a_deviation_is_added() -> None:
    passing = await nearest_passing(setup(hasty), Tape())
    assert passing is not None
    assert (passing.outcome.name, len(passing.tape)) == ("ok", 1)


async def test_a_program_that_always_fails_has_none() -> None:
    assert await nearest_passing(setup(alone), Tape()) is None
