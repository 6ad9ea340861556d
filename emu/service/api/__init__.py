"""The service over HTTP: a FastAPI app, one file a subject."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

from fastapi import FastAPI

from emu.service.api import calls, campaigns, events, findings, health, page, plans, results
from emu.service.meters import meters
from emu.service.service import Service

ROUTERS: Final = (campaigns, results, findings, events, plans, calls, health, page)

TAGS: Final = (
    {"name": "campaigns", "description": "Begin, watch and end campaigns."},
    {"name": "findings", "description": "What campaigns have found."},
    {"name": "events", "description": "What happens, as it happens."},
    {"name": "plans", "description": "Plans and scenarios to begin campaigns with."},
    {"name": "calls", "description": "One scenario, at once."},
    {"name": "health", "description": "For whoever looks after the service."},
)


def make_app(service: Service) -> FastAPI:
    """The app that answers for a service."""
    app = FastAPI(
        title="emu",
        summary="The chaos emulator for thread runtimes, as a service.",
        version=version("emu"),
        openapi_tags=list(TAGS),
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    for one in ROUTERS:
        app.include_router(one.router)
    app.state.meters = meters(service)
    return app
