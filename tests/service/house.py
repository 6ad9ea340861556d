"""A service to test, with small plans, and ways to wait for what becomes of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio

from emu.service.orders import Wish
from emu.service.service import Service, open_service
from emu.service.settings import Limits, Settings

SHORT = """\
name = "short"

[[entry]]
name = "inversion"
scenario = "lock_order_inversion"
runs = 50
until = "budget"
"""
"""A plan that is soon done, and finds a deadlock."""

LONG = """\
name = "long"

[[entry]]
name = "philosophers"
scenario = "philosophers"
until = "budget"
runs = 100_000_000
"""
"""A plan that goes on and on."""

MANY = """\
name = "many"

[[entry]]
name = "a"
scenario = "lost_update"
runs = 3_000
until = "budget"

[[entry]]
name = "b"
scenario = "lock_order_inversion"
runs = 3_000
until = "budget"
"""
"""A plan with many harvests."""

WAIT = 0.02


def settings(data: Path, **limits: Any) -> Settings:
    """Settings for a test: one worker a campaign, unless limits say otherwise."""
    return Settings(data, port=0, limits=Limits(**{"workers": 1, **limits}))


@asynccontextmanager
async def opened(data: Path, **limits: Any) -> AsyncIterator[Service]:
    """A service of a data directory."""
    async with open_service(settings(data, **limits)) as service:
        yield service


async def begun(service: Service, toml: str, key: str = "", **wish: Any) -> str:
    """Begin a campaign; gives its id."""
    row, _ = await service.create(Wish(toml=toml, **wish), key)
    return str(row["id"])


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; the limit on a test's time is the limit."""
    while not holds():  # noqa: ASYNC110 - many things may make it hold
        await trio.sleep(WAIT)


async def state(service: Service, name: str, *states: str) -> dict[str, Any]:
    """Wait until a campaign is in one of some states; gives it."""
    await until(lambda: service.supervisor.job(name).state in states)
    return await service.campaign(name)


async def runs(service: Service, name: str, more: int = 1) -> int:
    """Wait until a campaign has so many runs more than none; gives how many it has."""
    while (row := await service.campaign(name))["runs"] < more:  # noqa: ASYNC110
        await trio.sleep(WAIT)
    return int(row["runs"])
