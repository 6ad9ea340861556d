"""Whether the service is up, for whoever looks after it."""

from __future__ import annotations

import shutil
from typing import Final

from fastapi import APIRouter, Response

from emu.service.api import shapes
from emu.service.api.asking import Asked, answer

router = APIRouter(tags=["health"])

ROOM: Final = 64 << 20
"""With less room on the disk, in bytes, it is not ready."""


@router.get("/healthz", response_model=shapes.Health)
async def healthz() -> Response:
    """Say that it is up."""
    return answer({"status": "ok", "why": ""})


@router.get("/readyz", response_model=shapes.Health, responses={503: {"model": shapes.Health}})
async def readyz(service: Asked) -> Response:
    """Say whether it can take a campaign."""
    free = shutil.disk_usage(service.settings.data).free
    if free < ROOM:
        why = f"only {free >> 20} MB of room are left on the disk"
        return answer({"status": "not ready", "why": why}, 503)
    return answer({"status": "ok", "why": ""})
