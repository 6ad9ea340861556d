"""A service that answers over HTTP, for tests: all of it, on a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import structlog
import trio

from emu.service.api import make_app
from emu.service.http.dressing import dress
from emu.service.http.metrics import Metrics
from emu.service.http.server import serve
from emu.service.service import Service, open_service
from tests.service.house import settings

QUIET = structlog.wrap_logger(structlog.ReturnLogger(), processors=[lambda *event: ""])


@dataclass
class Web:
    """A service, where it listens, and a client that knows that."""

    service: Service
    url: str
    client: httpx2.AsyncClient

    async def json(self, method: str, path: str, **more: Any) -> Any:
        """What is answered to a request that is fulfilled."""
        answer = await self.client.request(method, path, **more)
        answer.raise_for_status()
        return answer.json()

    async def problem(self, method: str, path: str, **more: Any) -> tuple[int, str]:
        """Status and sentence of the problem that is answered."""
        answer = await self.client.request(method, path, **more)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        row = answer.json()
        assert row["status"] == answer.status_code
        return answer.status_code, row["detail"]


@asynccontextmanager
async def web(
    data: Path, token: str = "", plans: Path | None = None, **limits: Any
) -> AsyncIterator[Web]:
    """A service of a data directory, on a free port."""
    chosen = replace(settings(data, **limits), token=token, plans=plans)
    stop, urls = trio.Event(), list[str]()
    async with open_service(chosen) as service, trio.open_nursery() as nursery:
        app = dress(make_app(service), chosen, stop=stop, metrics=Metrics(), log=QUIET)

        async def run(task_status: trio.TaskStatus[None]) -> None:
            def started(url: str) -> None:
                urls.append(url)
                task_status.started()

            await serve(app, chosen, started=started, stop=stop, log=QUIET)

        await nursery.start(run)
        async with httpx2.AsyncClient(base_url=urls[0], timeout=30) as client:
            yield Web(service, urls[0], client)
        stop.set()
