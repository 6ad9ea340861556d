"""A campaign in short, as lists and the stream of news have it."""

from __future__ import annotations

from typing import Any

from emu.campaign.overview import Overview
from emu.record.finding import Verdict
from emu.service.job import Job


def brief(job: Job, seen: Overview, revision: int) -> dict[str, Any]:
    """A campaign in short; `revision` is that of the job when it was not yet looked at."""
    outcomes: dict[str, int] = {}
    for one in seen.entries:
        for outcome, count in one.outcomes.items():
            outcomes[outcome] = outcomes.get(outcome, 0) + count
    at_work = job.process is not None
    return {
        "id": job.card.id,
        "revision": revision,
        "name": job.card.name,
        "state": job.state,
        "why": job.why,
        "met": seen.verdict.as_json,
        "created": job.card.created,
        "seconds": round(seen.seconds, 3),
        "seconds_left": seen.left if at_work else None,
        "runs": seen.runs,
        "runs_per_second": seen.pulse.runs_per_second if at_work else 0.0,
        "findings": seen.findings,
        "troubles": seen.troubles,
        "entries_met": seen.count(Verdict.MET),
        "entries_total": len(seen.entries),
        "workers": job.card.workers,
        "outcomes": outcomes,
    }
