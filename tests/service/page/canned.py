"""What the fake service knows: campaigns, findings, plans."""

from __future__ import annotations

from typing import Any

from emu.analysis.message import WayBack, message, redirected
from emu.analysis.report.scene import scene_of
from tests.analysis.histories import inversion

ADDRESS = "http://elsewhere/api/campaigns/smoke-0001/findings"
"""As a service tells it that does not know what it is called."""

BEGAN = 1_790_000_000.0

SMOKE = """\
# Two threads, two locks.
name = "smoke"

[[entry]]
name = "as it was"
scenario = "lock_order_inversion"
runs = 300
expect = { some = ["deadlock"] }

[[entry]]
name = "mended"
scenario = "lock_order_inversion"
params = { fix = true }
runs = 300
expect = "ok"
"""

PLANS = {"smoke": SMOKE, "long": SMOKE.replace('"smoke"', '"long"').replace("300", "1_000_000")}


def brief(which: str, **changes: Any) -> dict[str, Any]:
    made = {
        "id": which,
        "revision": 1,
        "name": which.rpartition("-")[0],
        "state": "running",
        "why": "",
        "met": None,
        "created": BEGAN,
        "seconds": 12.5,
        "seconds_left": 7.5,
        "runs": 420,
        "runs_per_second": 33.6,
        "findings": 2,
        "troubles": 0,
        "entries_met": 1,
        "entries_total": 2,
        "workers": 2,
        "outcomes": {"ok": 300, "deadlock": 100, "exit 2": 20},
    }
    return made | changes


def entry(name: str, **changes: Any) -> dict[str, Any]:
    made = {
        "plan": "smoke",
        "entry": name,
        "runs": 210,
        "budget": 300,
        "steps": 4_000,
        "emulated_seconds": 0.004,
        "work_seconds": 6.0,
        "outcomes": {"ok": 110, "deadlock": 100},
        "met": None,
        "met_so_far": True,
        "over": None,
        "reason": "",
        "expected": "deadlock",
        "workers": 1,
        "behaviours": 9,
        "new_per_1000": 4.0,
        "findings": 1,
        "troubles": 0,
        "seconds_left": 7.5,
    }
    return made | changes


ENTRIES = [
    entry("as it was"),
    entry(
        "mended",
        outcomes={"ok": 190, "exit 2": 20},
        over="budget",
        met=False,
        met_so_far=False,
        workers=0,
        reason="exit 2 [throw] is not expected",
    ),
]

SIGNATURE = "deadlock [left, right] in lock_order_inversion"


def newest(number: int, **changes: Any) -> dict[str, Any]:
    made = {
        "time": BEGAN + number,
        "number": number,
        "signature": SIGNATURE if number == 1 else f"exit 2 [throw: number {number}]",
        "plan": "smoke",
        "entry": "as it was",
        "run": 3,
        "trouble": False,
        "allowed": number == 1,
    }
    return made | changes


def row(number: int) -> dict[str, Any]:
    first = number == 1
    return {
        "number": number,
        "trouble": False,
        "signature": SIGNATURE if first else f"exit 2 [throw: number {number}]",
        "kind": "deadlock" if first else "exit 2",
        "sentence": "lock_order_inversion deadlocks: T1 and T2 wait for each other"
        if first
        else f"the program exits with status 2, number {number}",
        "plan": "smoke",
        "entry": "as it was" if first else "mended",
        "count": 100 if first else 20,
        "first_run": 3,
        "first_time": BEGAN + number,
        "last_time": BEGAN + number + 5,
        "standing": "expected" if first else "not allowed",
        "deviations": 1,
        "told": True,
    }


def finding(number: int) -> dict[str, Any]:
    history = inversion()
    address = f"{ADDRESS}/{number}"
    told = message(history, history.findings[0], WayBack("x", log="y"))
    told = redirected(told, f"emu replay {address}", f"{address}/log")
    return row(number) | {
        "message": told,
        "tape": "emu1:2t1#a72e",
        "replay": f"emu replay {address}",
        "seed": 18_446_744_073_709_551_615,
        "strategy": "random",
        "has_log": number == 1,
    }


def scene() -> dict[str, Any]:
    history = inversion()
    return scene_of(history, history.findings[0])


def past(runs: int) -> list[tuple[str, dict[str, Any]]]:
    """The events of a campaign that counted so many runs in twelve seconds."""
    begin = {"event": "begin", "time": BEGAN, "plans": ["smoke"]}
    harvests = [
        {
            "event": "harvest",
            "time": BEGAN + second,
            "plan": "smoke",
            "entry": "as it was",
            "runs": runs // 12,
            "total": runs * second // 12,
        }
        for second in range(1, 13)
    ]
    return [("begin", begin), *(("harvest", one) for one in harvests)]
