"""POST /api/explore, /api/replay, /api/shrink: they answer what `emu … --json` prints."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, Literal

import trio
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from emu.search.exhaustive import MOST
from emu.service.api.asking import Asked
from emu.service.calls import NAME, SCENARIO
from emu.service.http.problems import responses as problems

LARGEST = 2**63 - 1
LONGEST = 10_000
"""A value that is a text has at most so many characters."""

GONE = 499
"""The status, for the log, of a request whose client did not wait for the answer."""

Whole = Annotated[int, Field(ge=-LARGEST, le=LARGEST)]
Value = bool | Whole | float | Annotated[str, Field(max_length=LONGEST)]
Values = Annotated[
    dict[Annotated[str, Field(pattern=NAME, max_length=100)], Value], Field(max_length=100)
]


class Target(BaseModel):
    """A scenario as it is to run."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    scenario: str = Field(
        pattern=SCENARIO,
        max_length=200,
        description="A bundled scenario's short name, or `module:function` of those allowed here.",
        examples=["philosophers"],
    )
    params: Values = Field({}, description="Parameters of the scenario.", examples=[{"n": 3}])
    watchdog: Values = Field(
        {}, description="Limits: lock_wait, steps, real, threads, silence, graph."
    )
    chaos: str | None = Field(
        None,
        description="What is injected, and nothing else: `[[chaos.…]]` tables, TOML. In what is "
        "answered they are called `chaos.toml`.",
        examples=['[[chaos.signal]]\nsignal = "SIGUSR1"\n'],
    )


class Explore(Target):
    """What to explore, how, and for how long."""

    strategy: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="A strategy, `exhaustive`, or `module:Class` of those allowed here.",
        examples=["rotation"],
    )
    seed: int | None = Field(None, ge=0, le=2**64 - 1)
    runs: int | None = Field(None, ge=1, le=LARGEST, description="Stop after so many runs.")
    seconds: float | None = Field(None, gt=0, le=1e9, description="Stop after so many seconds.")
    until: Literal["finding", "met", "saturated", "budget"] | None = Field(
        None, description="When to stop before the budget is spent."
    )
    bound: int | None = Field(None, ge=0, le=MOST, description="Of an exhaustive search.")
    reduction: bool = Field(True, description="Of an exhaustive search.")
    behaviours: bool = Field(False, description="Count distinct behaviours.")
    shrink: bool = Field(True, description="Shrink what is found.")


class Tape(Target):
    """A tape, and what it is of."""

    tape: str = Field(min_length=1, description="The tape.", examples=["emu1:3t1#a14a"])


class Shrink(Tape):
    """A tape that is to become simple."""

    runs: int | None = Field(None, ge=1, le=LARGEST, description="Stop after so many runs.")


class Finding(BaseModel):
    """What is wrong, in short and in full."""

    signature: str
    kind: str
    message: str


class FoundFinding(Finding):
    """A finding of an exploration; `first_run` counts from 1."""

    standing: Literal["expected", "allowed", "not allowed"]
    count: int
    first_run: int
    seed: int
    tape: str
    original_tape: str
    log: str | None


class Estimate(BaseModel):
    """How many behaviours there may be."""

    distinct: int
    seen_once: int
    unseen: int
    chance_of_new: float
    saturated: bool


class Explored(BaseModel):
    """What an exploration came to, as `emu explore --json` prints it."""

    scenario: str
    params: dict[str, Any]
    strategy: str
    seed: int
    runs: int
    steps: int
    seconds: float
    outcomes: dict[str, int]
    met: bool | None
    first_found: int | None
    shortfall: str | None
    answer: str | None
    exhausted: bool | None
    bound: int | None
    behaviours: int | None
    estimate: Estimate | None
    findings: list[FoundFinding]
    interrupted: bool = Field(description="Whether it was ended because its time was up.")
    broken: str | None
    summary: list[str]


class Replayed(BaseModel):
    """A run that a tape gives, as `emu replay --json` prints it."""

    scenario: str
    params: dict[str, Any]
    strategy: str
    seed: int
    steps: int
    outcome: str
    reason: str
    met: bool | None
    tape: str
    digest: str
    log: str | None
    findings: list[Finding]
    summary: list[str]
    same: Literal[True]


class Parted(BaseModel):
    """A tape that gives another history, and why."""

    scenario: str
    same: Literal[False]
    reason: str
    tape: str


class Pass(BaseModel):
    """One way to shrink, and what it did."""

    name: str
    tried: int
    runs: int
    helped: int


class Shrunk(BaseModel):
    """The simplest tape found, as `emu shrink --json` prints it."""

    scenario: str
    params: dict[str, Any]
    signature: str
    kind: str
    message: str
    tape: str
    original_tape: str
    deviations: int
    original_deviations: int
    steps: int
    runs: int
    finished: bool
    passes: list[Pass]
    log: str | None
    interrupted: bool = Field(description="Whether it was ended because its time was up.")


router = APIRouter(prefix="/api", tags=["calls"])

LIMITS: Final = problems(429, 507)


@router.post("/explore", response_model=Explored, responses=LIMITS)
async def explore(asked: Explore, request: Request, service: Asked) -> Any:
    """Run a scenario many times, each with another schedule; gives what was found.

    It ends with the request, or when a call may take no longer here; a campaign takes all day.
    """
    return await _while_wanted(request, lambda: service.calls.explore(**asked.model_dump()))


@router.post("/replay", response_model=Replayed | Parted, responses=LIMITS)
async def replay(asked: Tape, request: Request, service: Asked) -> Any:
    """Follow a tape, step by step; gives the run, or says why it is another one."""
    return await _while_wanted(request, lambda: service.calls.replay(**asked.model_dump()))


@router.post("/shrink", response_model=Shrunk, responses=LIMITS)
async def shrink(asked: Shrink, request: Request, service: Asked) -> Any:
    """Find the simplest tape that finds what a tape finds."""
    return await _while_wanted(request, lambda: service.calls.shrink(**asked.model_dump()))


async def _while_wanted(request: Request, call: Callable[[], Awaitable[Any]]) -> Any:
    """The answer of a call, which is cancelled once its client is gone."""
    answer: list[Any] = []
    failure: list[Exception] = []

    async def work(scope: trio.CancelScope) -> None:
        try:
            answer.append(await call())
        except Exception as wrong:
            failure.append(wrong)
        scope.cancel()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(work, nursery.cancel_scope)
        while (await request.receive())["type"] != "http.disconnect":
            pass
        nursery.cancel_scope.cancel()
    if failure:
        raise failure[0]
    return answer[0] if answer else Response(status_code=GONE)
