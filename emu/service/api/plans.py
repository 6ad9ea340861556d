"""Plans and scenarios over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from emu.service.api import shapes
from emu.service.api.asking import Asked, answer
from emu.service.aside import aside
from emu.service.http.problems import responses as problems
from emu.service.orders import PlanGiven

router = APIRouter(prefix="/api", tags=["plans"])


@router.get("/plans", response_model=shapes.ShippedPlans, responses=problems())
async def plans(service: Asked) -> Response:
    """List the plans that come with the service."""
    rows = await aside(service.plans.shipped)
    return answer({"items": rows, "next": None})


@router.get("/plans/{name}", response_model=shapes.PlanText, responses=problems(404))
async def plan(service: Asked, name: Annotated[str, Path(max_length=80)]) -> Response:
    """Show a plan that comes with the service."""
    return answer({"name": name, "text": service.plans.text(name)})


@router.post("/plans/check", response_model=shapes.Checked, responses=problems(404, 413, 422))
async def check(service: Asked, given: PlanGiven) -> Response:
    """Check a plan; its mistakes are told with their lines."""

    def read() -> dict[str, object]:
        made = service.plans.read(service.plans.text_of(given))
        return {"name": made.name, "entries": [entry.name for entry in made.entries]}

    return answer(await aside(read))


@router.get("/scenarios", response_model=shapes.Scenarios, responses=problems())
async def scenarios(service: Asked) -> Response:
    """List the scenarios that may run here."""
    rows = await aside(service.admission.scenarios)
    return answer({"items": rows, "next": None})
