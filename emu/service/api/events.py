"""Events over HTTP, as they happen: server-sent events."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from emu.service.api.asking import Asked, Name
from emu.service.http.problems import responses as problems
from emu.service.streams import Streams

router = APIRouter(prefix="/api", tags=["events"])

EVENT: Final[dict[str, Any]] = {
    "type": "object",
    "description": "One event of the stream.",
    "required": ["event", "data"],
    "properties": {
        "id": {"type": "string", "description": "Its number, for Last-Event-ID."},
        "event": {"type": "string", "description": "Its name."},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}
STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/event-stream": {"schema": EVENT}}}
}
LONG: Final = 19
"""No event's number has so many digits."""

HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

Last = Annotated[
    str | None,
    Header(alias="Last-Event-ID", description="Go on after this one; what is no number is none."),
]
After = Annotated[
    int | None, Query(ge=0, lt=2**63, description="The same, where no header can be sent.")
]


class EventStream(StreamingResponse):
    """A stream of events, which is closed with its connection, and not whenever it is collected.

    It is one of `streams` before anything of it is sent, so that no other is let in meanwhile.
    """

    media_type = "text/event-stream"

    def __init__(
        self, events: AsyncGenerator[bytes], streams: Streams, status_code: int = 200
    ) -> None:
        super().__init__(events, status_code, HEADERS)
        self._events = events
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._streams.counted():
            async with aclosing(self._events):
                await super().__call__(scope, receive, send)


@router.get("/events", response_class=EventStream, responses=STREAM | problems(429))
async def board(service: Asked, last: Last = None, after: After = None) -> EventStream:
    """Watch all campaigns: each in short whenever that is new, at most twice a second.

    Events: `campaign`, `deleted`, `gap` (what was sent before may be old), `ready` (all was sent).
    """
    service.streams.admit()
    events = service.streams.of_board(service.board, _known(last, after))
    return EventStream(events, service.streams)


@router.get(
    "/campaigns/{campaign}/events",
    response_class=EventStream,
    responses=STREAM | problems(404, 429),
)
async def events(
    service: Asked, campaign: Name, last: Last = None, after: After = None
) -> EventStream:
    """Watch one campaign, from the beginning or after an event.

    Events are those of `emu soak --events`, but for leases; harvests of a second are told
    together. Besides, there are `paused`, `failed` (`why`), and `interrupted`: its process was
    lost. The last event of a campaign that is over is `close`.
    """
    service.streams.admit()
    journal, known = service.journal(campaign), _known(last, after) or 0
    told = service.streams.of_campaign(journal, known, lambda: service.over(campaign))
    return EventStream(told, service.streams)


def _known(last: str | None, after: int | None) -> int | None:
    """The number of the last event that a watcher has."""
    number = last is not None and last.isascii() and last.isdecimal() and len(last) < LONG
    return int(last) if last is not None and number else after
