"""What the answers look like, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

State = Literal["waiting", "running", "pausing", "paused", "stopping", "stopped", "done", "failed"]
Standing = Literal["expected", "allowed", "not allowed"]


class Brief(BaseModel):
    """A campaign in short.

    `why` is a sentence where the state needs one. `met` is whether every expectation is met,
    null: unknown by now. `created` is in seconds since the epoch, `seconds` the real time that it
    has taken. Of what is told of a campaign, in answers and in events, the higher `revision` is the
    newer one, whichever comes first.
    """

    id: str
    revision: int
    name: str
    state: State
    why: str
    met: bool | None
    created: float
    seconds: float
    seconds_left: float | None
    runs: int
    runs_per_second: float
    findings: int
    troubles: int
    entries_met: int
    entries_total: int
    workers: int
    outcomes: dict[str, int]


class EntryRow(BaseModel):
    """An entry of a campaign; `met_so_far` is the verdict if no more runs came.

    `expected` says in words what should come of it.
    """

    plan: str
    entry: str
    runs: int
    budget: int | None
    steps: int
    emulated_seconds: float
    work_seconds: float
    outcomes: dict[str, int]
    met: bool | None
    met_so_far: bool | None
    over: str | None
    reason: str
    expected: str
    workers: int
    behaviours: int
    new_per_1000: float | None
    findings: int
    troubles: int
    seconds_left: float | None


class NewestRow(BaseModel):
    """A finding, or a trouble, that turned up lately."""

    time: float
    number: int
    signature: str
    plan: str
    entry: str
    run: int
    trouble: bool
    allowed: bool


class Whole(Brief):
    """A campaign with its entries, and what it has found lately."""

    entries: list[EntryRow]
    newest: list[NewestRow]
    options: dict[str, Any]


class Briefs(BaseModel):
    """Some campaigns, the latest first; `next` is for `after`."""

    items: list[Brief]
    next: str | None


class FindingBrief(BaseModel):
    """A finding, or a trouble: a run without an answer. Runs count from 1."""

    number: int
    trouble: bool
    signature: str
    kind: str
    sentence: str
    plan: str
    entry: str
    count: int
    first_run: int
    first_time: float
    last_time: float
    standing: Standing | None
    deviations: int | None
    told: bool


class Finding(FindingBrief):
    """A finding with all that is known of it; `replay` is a line to type, on any machine.

    A trouble has neither tape nor replay. One without a log gets one when that is asked for.
    """

    message: str
    tape: str | None
    replay: str | None
    seed: int
    strategy: str
    has_log: bool


class FindingBriefs(BaseModel):
    """Some findings, by their numbers; `next` is for `after`."""

    items: list[FindingBrief]
    next: int | None


class CaughtRow(BaseModel):
    """A finding, or a trouble, as `emu findings --json` has it; troubles alone have `seeds`."""

    trouble: bool
    signature: str
    kind: str
    sentence: str
    number: int
    plan: str
    entry: str
    count: int
    runs: int
    first_run: int
    last_run: int
    first_time: float
    last_time: float
    seed: int
    strategy: str
    seeds: list[int] = []
    evidence: str = ""
    standing: Standing = "allowed"
    tape: str = ""
    original_tape: str = ""
    deviations: int = 0
    replays: bool = True
    shrunk: bool = False
    message: str | None = None


class CaughtRows(BaseModel):
    """Some findings with all that is known of them."""

    items: list[CaughtRow]
    next: int | None


class Shipped(BaseModel):
    """A shipped plan."""

    name: str
    summary: str
    entries: list[str]


class ShippedPlans(BaseModel):
    """All shipped plans."""

    items: list[Shipped]
    next: None = None


class PlanText(BaseModel):
    """A shipped plan with its text, TOML."""

    name: str
    text: str


class Checked(BaseModel):
    """A plan that may run."""

    name: str
    entries: list[str]


class ParamRow(BaseModel):
    """A parameter of a scenario; `allowed` says what it may be."""

    name: str
    default: Any
    allowed: str


class ExpectRow(BaseModel):
    """Which outcomes must turn up, and which alone may; null: all may."""

    some: list[str]
    only: list[str] | None


class ScenarioRow(BaseModel):
    """A scenario."""

    name: str
    target: str
    summary: str
    params: list[ParamRow]
    expect: ExpectRow
    chaos: list[dict[str, Any]] = Field(description="What may be injected.")


class Scenarios(BaseModel):
    """All scenarios that may run here."""

    items: list[ScenarioRow]
    next: None = None


class Health(BaseModel):
    """Whether it is up; `why` says what is not well."""

    status: Literal["ok", "not ready"]
    why: str = ""
