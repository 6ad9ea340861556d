"""What campaigns have found, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from emu.campaign.catch import Catch
from emu.campaign.elsewhere import lead, lead_file
from emu.campaign.rows import catch_row
from emu.record.logs import unpacked
from emu.record.store import finding_bytes
from emu.service.api import shapes
from emu.service.api.asking import TEXT, Asked, Here, Limit, Name, Number, answer
from emu.service.errors import NotFound
from emu.service.http.problems import responses as problems

router = APIRouter(prefix="/api/campaigns/{campaign}", tags=["findings"])

Documented = dict[int | str, dict[str, Any]]

LOG: Final[Documented] = {
    200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}
}
FILE: Final[Documented] = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}
PAGE: Final[Documented] = {200: {"content": {"text/html": {"schema": {"type": "string"}}}}}


@router.get(
    "/findings",
    response_model=shapes.FindingBriefs | shapes.CaughtRows,
    responses=problems(404),
)
async def findings(
    service: Asked,
    campaign: Name,
    here: Here,
    limit: Limit = 100,
    after: Annotated[int, Query(ge=0, lt=2**63, description="The `next` of the page before.")] = 0,
    *,
    whole: Annotated[
        bool, Query(description="Each with all that the ledger has, as `emu findings` lists it.")
    ] = False,
) -> Response:
    """List what a campaign has found, and its troubles, by their numbers."""
    caught = await service.findings(campaign, after, limit + 1)
    items = [_whole(one, here) if whole else one.as_brief() for one in caught[:limit]]
    return answer({"items": items, "next": items[-1]["number"] if len(caught) > limit else None})


@router.get("/findings/{number}", response_model=shapes.Finding, responses=problems(404))
async def finding(service: Asked, campaign: Name, number: Number, here: Here) -> Response:
    """Show a finding: its message, its tape, how to replay it."""
    return answer(lead(await service.finding(campaign, number), here, number))


@router.get("/findings/{number}/message", response_class=Response, responses=TEXT | problems(404))
async def message(service: Asked, campaign: Name, number: Number, here: Here) -> Response:
    """Show the message of a finding."""
    row = lead(await service.finding(campaign, number), here, number)
    return Response(f"{row['message']}\n", media_type="text/plain")


@router.get("/findings/{number}/tape", response_class=Response, responses=TEXT | problems(404))
async def tape(service: Asked, campaign: Name, number: Number) -> Response:
    """Show the simplest tape of a finding."""
    row = await service.finding(campaign, number)
    if row["tape"] is None:
        raise NotFound(f"{number} of {campaign} is a run without an answer: it has no tape")
    return Response(f"{row['tape']}\n", media_type="text/plain")


@router.get("/findings/{number}/file", response_class=Response, responses=FILE | problems(404))
async def file(service: Asked, campaign: Name, number: Number, here: Here) -> Response:
    """Get a finding as a file that `emu replay`, `shrink`, `diff` and `show` take, anywhere."""
    made = lead_file(await service.stored(campaign, number), here, number)
    named = _attachment(f"{campaign}-{number}.json")
    return Response(finding_bytes(made), headers=named, media_type="application/json")


@router.get(
    "/findings/{number}/log",
    response_class=StreamingResponse,
    responses=LOG | problems(404, 507),
)
async def log(service: Asked, campaign: Name, number: Number) -> StreamingResponse:
    """Get the log of a finding, JSON lines; it is run again first if it has none."""
    path = await service.log(campaign, number)
    return StreamingResponse(
        _lines(path),
        media_type="application/x-ndjson",
        headers=_attachment(f"{campaign}-{number}.jsonl"),
    )


@router.get(
    "/findings/{number}/scene",
    response_class=Response,
    responses=FILE | problems(404, 507),
)
async def scene(service: Asked, campaign: Name, number: Number) -> Response:
    """Get the swim lanes of a finding, as the page draws them."""
    return answer(await service.scene(campaign, number))


@router.get(
    "/findings/{number}/trace",
    response_class=Response,
    responses=FILE | problems(404, 429, 507),
)
async def trace(service: Asked, campaign: Name, number: Number) -> Response:
    """Get the run of a finding as a trace for Perfetto or chrome://tracing."""
    made = await service.papers.trace(await service.log(campaign, number))
    named = _attachment(f"{campaign}-{number}.trace.json")
    return Response(made, headers=named, media_type="application/json")


@router.get(
    "/findings/{number}/report",
    response_class=Response,
    responses=PAGE | problems(404, 507),
)
async def report(service: Asked, campaign: Name, number: Number, here: Here) -> Response:
    """Get the page of a finding's run alone."""
    return Response(await service.report(campaign, number, here), media_type="text/html")


@router.get("/report", response_class=Response, responses=PAGE | problems(404, 429, 507))
async def whole_report(service: Asked, campaign: Name, here: Here) -> Response:
    """Get the report of a campaign, a page that needs no network."""
    made = await service.papers.report(service.directory(campaign), here)
    return Response(made, media_type="text/html")


def _whole(catch: Catch, here: str) -> dict[str, Any]:
    return lead(catch_row(catch), here, catch.number)


def _lines(path: Path) -> Iterator[bytes]:
    yield from (chunk for chunk in unpacked(path) if isinstance(chunk, bytes))


def _attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
