"""What the prompt prints of a campaign for programs, over HTTP."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel

from emu.service.api import shapes
from emu.service.api.asking import Asked, Here, Name, answer
from emu.service.http.problems import responses as problems

router = APIRouter(prefix="/api/campaigns/{campaign}", tags=["campaigns"])


class WorkerRow(BaseModel):
    """A worker: since how many seconds it is busy with what, and how long it has been silent."""

    name: str
    pid: int
    busy: str
    entry: str | None
    seconds: float
    silent: float
    runs: int
    wanted: int
    steps: int
    lost: int


class Status(BaseModel):
    """A campaign at a glance, as `emu status --json` has it; `directory` is its id.

    `state` is as in a campaign in short, or why it stopped. `time` is now and `pulse_time` when
    its process was last heard of, in seconds since the epoch.
    """

    plans: list[str]
    directory: str
    state: str
    process: None
    time: float
    seconds: float
    seconds_left: float | None
    runs: int
    steps: int
    emulated_seconds: float
    runs_per_second: float
    steps_per_second: float
    met: bool | None
    over: int
    entries: list[shapes.EntryRow]
    pulse_time: float
    workers: list[WorkerRow]
    newest: list[shapes.NewestRow]


class Result(BaseModel):
    """What came of a campaign so far, as `emu soak --json` has it; `directory` is its id."""

    plans: list[str]
    directory: str
    seconds: float
    entries: list[dict[str, Any]]
    met: bool | None
    interrupted: bool


@router.get("/status", response_model=Status, responses=problems(404))
async def status(service: Asked, campaign: Name) -> Response:
    """Show how a campaign gets on, with its workers."""
    return answer(await service.status(campaign))


@router.get("/result", response_model=Result, responses=problems(404))
async def result(service: Asked, campaign: Name, here: Here) -> Response:
    """Show what came of a campaign: each entry with its findings and their messages."""
    return answer(await service.result(campaign, here))
