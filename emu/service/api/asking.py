"""What every route asks for: the service, a page of a list; and how it answers."""

from __future__ import annotations

from typing import Annotated, Any, Final

import orjson
from fastapi import Depends, Path, Query, Request, Response

from emu.service.service import Service
from emu.service.shelf import ID

MOST: Final = 500

TEXT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}}
}
"""For `responses=` of a route that answers with a text."""


def service_of(request: Request) -> Service:
    """The service that answers."""
    service: Service = request.app.state.service
    return service


def address_of(request: Request) -> str:
    """The address of the campaign that is asked about, as the request called this service."""
    return f"{request.base_url}api/campaigns/{request.path_params['campaign']}"


Here = Annotated[str, Depends(address_of)]
Asked = Annotated[Service, Depends(service_of)]
Name = Annotated[str, Path(description="A campaign's id.", pattern=f"^{ID.pattern}$")]
Number = Annotated[int, Path(ge=1, lt=2**63, description="A finding's number.")]
Limit = Annotated[int, Query(ge=1, le=MOST, description="How many, at most.")]


def answer(row: Any, status: int = 200, **headers: str) -> Response:
    """A row as JSON."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(orjson.dumps(row), status, names, media_type="application/json")
