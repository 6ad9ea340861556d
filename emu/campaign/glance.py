"""A campaign at a glance, by what programs read of it: `Overview.as_row` read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from emu.campaign.overview import Newest, Overview, Standing
from emu.campaign.pulse import Pulse, WorkerPulse
from emu.record.finding import VERDICTS

AT_WORK: Final = ("running", "pausing", "stopping")
"""The states of a campaign that a process works on; a service has all of them."""

Row = Mapping[str, Any]


def overview_from(row: Row) -> Overview:
    """The overview that has this row, as far as a row tells."""
    running = row["state"] in AT_WORK
    entries = tuple(map(_standing, row["entries"]))
    pulse = Pulse(
        row["pulse_time"],
        row["runs_per_second"],
        row["steps_per_second"],
        _workers(row["workers"], [one.name for one in entries]),
        "" if running else row["state"],
    )
    return Overview(
        plans=tuple(row["plans"]),
        directory=row["directory"],
        holder=str(row["process"] or "another process") if running else "",
        time=row["time"],
        seconds=row["seconds"],
        pulse=pulse,
        entries=entries,
        newest=tuple(Newest(**one) for one in row["newest"]),
        left=row["seconds_left"],
    )


def _standing(row: Row) -> Standing:
    chance = row["new_per_1000"]
    return Standing(
        plan=row["plan"],
        name=row["entry"],
        runs=row["runs"],
        budget=row["budget"],
        steps=row["steps"],
        emulated=round(1e9 * row["emulated_seconds"]),
        seconds=row["work_seconds"],
        outcomes=row["outcomes"],
        verdict=VERDICTS[row["met"]],
        so_far=VERDICTS[row["met_so_far"]],
        over=row["over"] or "",
        reason=row["reason"],
        workers=row["workers"],
        behaviours=row["behaviours"],
        chance=None if chance is None else chance / 1000,
        findings=row["findings"],
        troubles=row["troubles"],
        left=row["seconds_left"],
        expected=row["expected"],
    )


def _workers(rows: Sequence[Row], names: Sequence[str]) -> tuple[WorkerPulse, ...]:
    return tuple(
        WorkerPulse(**{**row, "entry": names.index(row["entry"]) if row["entry"] else None})
        for row in rows
    )
