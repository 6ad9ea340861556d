"""What campaigns have found, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from emu.service.api import shapes
from emu.service.api.asking import Asked, Limit, Name, answer
from emu.service.http.problems import responses as problems

router = APIRouter(prefix="/api/campaigns/{campaign}/findings", tags=["findings"])


@router.get("", response_model=shapes.FindingBriefs, responses=problems(404))
async def findings(
    service: Asked,
    campaign: Name,
    limit: Limit = 100,
    after: Annotated[int, Query(ge=0, lt=2**63, description="The `next` of the page before.")] = 0,
) -> Response:
    """List what a campaign has found, and its troubles, by their numbers."""
    caught = await service.findings(campaign, after, limit + 1)
    items = [one.as_brief() for one in caught[:limit]]
    return answer({"items": items, "next": items[-1]["number"] if len(caught) > limit else None})
