"""Campaigns over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Response

from emu.service.api import shapes
from emu.service.api.asking import TEXT, Asked, Limit, Name, answer
from emu.service.errors import NotFound
from emu.service.http.problems import responses as problems
from emu.service.orders import Wish
from emu.service.shelf import ID, PAUSE, RUN, STOP

router = APIRouter(prefix="/api/campaigns", tags=["campaigns"])

KEY: Final = Header(
    alias="Idempotency-Key",
    max_length=200,
    pattern=r"^[\x21-\x7e]+$",
    description="The same key again gives the same campaign, not another one.",
)


KNOWN: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": shapes.Brief, "description": "The key has made it before."}
}


@router.get("", response_model=shapes.Briefs, responses=problems(404))
async def campaigns(
    service: Asked,
    limit: Limit = 100,
    after: Annotated[
        str | None, Query(pattern=f"^{ID.pattern}$", description="The `next` of the page before.")
    ] = None,
) -> Response:
    """List campaigns, the latest first."""
    names = service.names()
    if after is not None:
        if after not in names:
            raise NotFound(f"there is no campaign {after!r} to go on after")
        names = names[names.index(after) + 1 :]
    items = await service.briefs(names[:limit])
    return answer({"items": items, "next": names[limit - 1] if len(names) > limit else None})


@router.post(
    "",
    status_code=201,
    response_model=shapes.Brief,
    responses=KNOWN | problems(404, 409, 413, 422, 429, 507),
)
async def create(service: Asked, wish: Wish, key: Annotated[str | None, KEY] = None) -> Response:
    """Begin a campaign of a plan: a TOML text, a JSON object, or a shipped one by its name."""
    row, new = await service.create(wish, key or "")
    return answer(row, 201 if new else 200, Location=f"/api/campaigns/{row['id']}")


@router.get("/{campaign}", response_model=shapes.Whole, responses=problems(404))
async def show(service: Asked, campaign: Name) -> Response:
    """Show a campaign: how its entries get on, and what it has found lately."""
    return answer(await service.campaign(campaign))


@router.delete(
    "/{campaign}", status_code=204, response_class=Response, responses=problems(404, 409)
)
async def delete(service: Asked, campaign: Name) -> None:
    """Delete a campaign that is not at work, with all that it has found."""
    await service.delete(campaign)


@router.get(
    "/{campaign}/plan",
    response_class=Response,
    responses=TEXT | problems(404),
)
async def plan(service: Asked, campaign: Name) -> Response:
    """Show the plan of a campaign, as TOML."""
    return Response(await service.plan(campaign), media_type="text/plain")


_STEPS: Final = (
    ("pause", PAUSE, "Pause a campaign: what is done is kept, and it can be resumed.", ()),
    ("resume", RUN, "Resume a campaign that was paused, or that failed.", (507,)),
    ("stop", STOP, "Stop a campaign for good.", ()),
)


def _step(name: str, wanted: str, summary: str, also: Sequence[int]) -> None:
    @router.post(
        f"/{{campaign}}/{name}",
        name=name,
        status_code=202,
        description=summary,
        response_model=shapes.Brief,
        responses=problems(404, 409, *also),
    )
    async def step(service: Asked, campaign: Name) -> Response:
        return answer(await service.want(campaign, wanted), 202)


for _one in _STEPS:
    _step(*_one)
