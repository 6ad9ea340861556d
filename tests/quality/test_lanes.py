"""Lanes and traces of many runs of every bundled scenario."""

from __future__ import annotations

import json

import pytest

from emu.analysis.trace_export import UNIT, trace_rows
from emu.campaign.catalogue import bundled
from tests.analysis.lanes_checked import checked, with_locks_alone
from tests.analysis.runs import runs_of
from tests.analysis.trace_checked import check


@pytest.mark.slow
@pytest.mark.parametrize("name", bundled())
async def test_lanes_and_traces_are_right_in_many_runs(name: str) -> None:
    for run in await runs_of(name, 60, seed=5):
        for part in (run, with_locks_alone(run)):
            checked(part)
            rows = json.loads(json.dumps(list(trace_rows(part))))
            check({"displayTimeUnit": UNIT, "traceEvents": rows})
