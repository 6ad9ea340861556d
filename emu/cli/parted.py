"""Two runs that part, as programs read it."""

from __future__ import annotations

from typing import Any

from emu.analysis.parting import Parting
from emu.analysis.sidebyside import Side
from emu.record.event import COMMON, Event
from emu.search.exploration import findings_of


def parted(left: Side, right: Side, parting: Parting | None, text: str) -> dict[str, Any]:
    """Where two runs part, with the message for people."""
    info = left.history.info
    tells = parting.tells if parting is not None else None
    return {
        "scenario": info.scenario,
        "params": info.params,
        "same": parting is None,
        "common": len(left.history.events) if parting is None else parting.common,
        "runs": [
            {
                "name": side.name,
                "tape": str(side.history.tape),
                "outcome": side.history.outcome.name,
                "reason": side.history.outcome.reason,
                "steps": side.history.steps,
                "findings": [one.signature for one in findings_of(side.history)],
                "next": _event(next_),
                "tells": _event(telling),
            }
            for side, next_, telling in (
                (left, parting.left if parting else None, tells.left if tells else None),
                (right, parting.right if parting else None, tells.right if tells else None),
            )
        ],
        "message": text,
    }


def _event(event: Event | None) -> dict[str, Any] | None:
    if event is None:
        return None
    common = {name: getattr(event, name) for name in COMMON}
    return {**common, **event.fields}
