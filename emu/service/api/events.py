"""Events over HTTP, as they happen: server-sent events."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from emu.service.api.asking import Asked, Name
from emu.service.http.problems import responses as problems

router = APIRouter(prefix="/api", tags=["events"])

STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}
}
HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

Last = Annotated[
    str | None,
    Header(alias="Last-Event-ID", pattern="^[0-9]{1,18}$", description="Go on after this one."),
]
After = Annotated[
    int | None, Query(ge=0, lt=2**63, description="The same, where no header can be sent.")
]


@router.get("/events", response_class=StreamingResponse, responses=STREAM | problems(429))
async def board(service: Asked, last: Last = None, after: After = None) -> StreamingResponse:
    """Watch all campaigns: each in short whenever that is new, at most twice a second.

    Events: `campaign`, `deleted`, `gap` (what was sent before may be old), `ready` (all was sent).
    """
    service.streams.admit()
    known = int(last) if last is not None else after
    return _stream(service.streams.of_board(service.board, known))


@router.get(
    "/campaigns/{campaign}/events",
    response_class=StreamingResponse,
    responses=STREAM | problems(404, 429),
)
async def events(
    service: Asked, campaign: Name, last: Last = None, after: After = None
) -> StreamingResponse:
    """Watch one campaign: what `emu soak --events` tells, from the beginning or after an event.

    The last event of a campaign that is over is `close`.
    """
    service.streams.admit()
    known = int(last) if last is not None else after or 0
    journal = service.journal(campaign)
    return _stream(service.streams.of_campaign(journal, known, lambda: service.over(campaign)))


def _stream(events: Any) -> StreamingResponse:
    return StreamingResponse(events, media_type="text/event-stream", headers=HEADERS)
