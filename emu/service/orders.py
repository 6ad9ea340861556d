"""What a request for a campaign may say: the plan, and how to soak it, as `emu soak` has it."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from emu.campaign.opening import Orders
from emu.campaign.terms import Level, bytes_from, seconds_from
from emu.errors import UsageError
from emu.search.explore import Stop

PLAN: Final = """\
name = "first"

[[entry]]
name = "two locks"
scenario = "lock_order_inversion"
runs = 20
"""
"""What a plan looks like."""

Whole = Annotated[int, Field(ge=1, lt=2**63)]
Seconds = Annotated[float, Field(gt=0, lt=1e9)]


class PlanGiven(BaseModel):
    """A plan: its text, or itself as a JSON object, or the name of a shipped one."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, json_schema_extra={"examples": [{"toml": PLAN}]}
    )

    toml: str | None = None
    plan: dict[str, Any] | None = None
    shipped: str | None = None


class Wish(PlanGiven):
    """A campaign that is asked for.

    `runs`, `seconds` and `until` are for each entry; `total_runs`, `for` (a time, as `8h`) and
    `forever` for all of them, whatever their budgets; `first` ends it at the first finding.
    `workers` are processes, `memory` is what each may take, as `2GB`, `logs` says which are kept.
    """

    runs: Whole | None = None
    seconds: Seconds | None = None
    seed: Annotated[int, Field(ge=0, lt=2**64)] | None = None
    until: Stop | None = None
    total_runs: Whole | None = None
    duration: Annotated[float | str | None, Field(alias="for")] = None
    forever: bool = False
    first: bool = False
    workers: Annotated[int, Field(ge=1, le=1024)] | None = None
    memory: str | None = None
    logs: Level | None = None

    def orders(self) -> Orders:
        """What it says of each entry; raises `UsageError` for what cannot be together."""
        for_all = self.total_runs is not None or self.duration is not None
        if self.forever and (for_all or self.runs is not None or self.seconds is not None):
            raise UsageError(
                "forever has no end but a stop; leave it out, or runs, seconds, for and total_runs"
            )
        endless = self.forever or for_all
        return Orders(self.runs, self.seconds, self.seed, self.until, endless)

    def changes(self) -> dict[str, Any]:
        """What it says of the campaign's terms; raises `UsageError`."""
        if self.memory is not None:
            bytes_from(self.memory, "memory")
        changes = {
            "runs": self.total_runs,
            "seconds": None if self.duration is None else seconds_from(self.duration, "for"),
            "until": "finding" if self.first else None,
            "level": self.logs,
        }
        return {name: value for name, value in changes.items() if value is not None}


def digest(wish: Wish) -> str:
    """What two requests for the same have in common; raises `UsageError`."""
    try:
        text = repr(wish)
    except RecursionError:
        raise UsageError("the plan is nested too deeply") from None
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
