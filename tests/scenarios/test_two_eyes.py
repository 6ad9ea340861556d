"""Each deadlock of the Go runtime is seen in two ways, and each way sees it alone."""

from __future__ import annotations

import pytest

from emu.engine.scenario import Scenario, setup
from emu.engine.watchdog import Limits
from emu.record.finding import Expectation, Finding
from emu.scenarios import malloc_fault
from emu.search.explore import explore

GRAPH_ALONE = Limits(lock_wait=0, silence=False)
WATCHDOG_ALONE = Limits(graph=False)

DEADLOCKS = {
    "malloc waits for itself": (malloc_fault.fault_in_malloc, {"nested_malloc": "block"}),
    "F1-05": (malloc_fault.fault_in_gc, {}),
    "F1-07": (malloc_fault.fault_in_malloc_among, {}),
    "F1-11": (malloc_fault.fault_in_buildfuncs_among, {}),
}

each = pytest.mark.parametrize(("program", "params"), DEADLOCKS.values(), ids=DEADLOCKS.keys())


async def first(program: Scenario, params: dict[str, object], limits: Limits, kind: str) -> Finding:
    """The first finding of this kind."""
    made = setup(program, params, limits=limits)
    wanted = Expectation(some=(kind,))
    exploration = await explore(made, runs=300, seed=1, stop="met", expectation=wanted)
    return next(one.finding for one in exploration.findings if one.finding.kind == kind)


@each
async def test_the_graph_finds_it_alone(program: Scenario, params: dict[str, object]) -> None:
    finding = await first(program, params, GRAPH_ALONE, "deadlock")

    assert all(one.held_by for one in finding.cycle)


@each
async def test_the_watchdog_finds_it_alone(program: Scenario, params: dict[str, object]) -> None:
    finding = await first(program, params, WATCHDOG_ALONE, "stalled")

    assert "the limit for a lock" in finding.sentence
    assert all(one.held_by and one.held_since and one.at for one in finding.cycle)
