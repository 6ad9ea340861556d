"""What the service counts, for whoever collects figures."""

from __future__ import annotations

from functools import partial
from typing import Final

from emu.service.http.metrics import Meter
from emu.service.service import Service

COUNTED: Final = (
    ("runs", "emu_runs_total", "Runs counted."),
    ("found", "emu_findings_total", "Findings never seen before."),
    ("trouble", "emu_troubles_total", "Runs without an answer, of a new kind."),
    ("lost", "emu_workers_lost_total", "Workers of campaigns lost."),
    ("interrupted", "emu_processes_lost_total", "Processes of campaigns lost."),
)
"""What is counted since the start: what, the name of its figure, what that says."""


def meters(service: Service) -> tuple[Meter, ...]:
    """The figures of a service; none of them reads a ledger."""
    read = service.supervisor.tally.count
    return (
        Meter("emu_campaigns", "Campaigns by state.", service.states, label="state"),
        *(Meter(name, says, partial(read, what), kind="counter") for what, name, says in COUNTED),
    )
