"""A campaign at a glance comes back from the row that programs read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emu.campaign.glance import overview_from
from emu.campaign.overview import Newest, Overview, Standing
from emu.campaign.pulse import Pulse, WorkerPulse
from emu.record.finding import Verdict


def _standing(*values: Any) -> Standing:
    return Standing(*values)


ENTRY = _standing(
    *("p", "one", 120, 300, 9_000, 10**9, 2.0, {"ok": 100, "deadlock": 20}),
    *(Verdict.UNKNOWN, Verdict.MET, "", "", 1, 4, 0.25, 1, 0, 75.0),
)
OVER = _standing(
    *("p", "two", 9, None, 90, 10**8, 0.5, {"unknown": 9}),
    *(Verdict.NOT_MET, Verdict.NOT_MET, "set aside", "a reason", 0, 1, None, 0, 2, None),
)
NEWEST = Newest(1_000.0, 7, "deadlock [a, b] in f", "p", "one", 8, trouble=False, allowed=True)
WORKERS = (
    WorkerPulse("w1", 4_711, "running", 0, 1.5, 0.2, 10, 64, 99, 0),
    WorkerPulse("w2", 4_712, "", None, 0.0, 0.0, 0, 0, 0, 1),
)
RUNNING = Overview(
    *(("p",), "runs/p/0001", "12", 1_000.0, 61.0),
    *(Pulse(999.5, 50.0, 900.0, WORKERS), (ENTRY, OVER), (NEWEST,), 75.0),
)
DONE = Overview(
    *(("p", "q"), "runs/p+q/0001", "", 1_000.0, 61.0),
    *(Pulse(999.5, 0.0, 0.0, WORKERS, "done"), (OVER,), (), None),
)


@pytest.mark.parametrize("seen", [RUNNING, DONE], ids=["running", "done"])
def test_it_comes_back_as_it_was(seen: Overview) -> None:
    assert overview_from(json.loads(json.dumps(seen.as_row()))) == seen
