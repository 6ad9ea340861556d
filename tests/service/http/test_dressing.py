"""All that stands around an app, together."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import trio
from fastapi import FastAPI

from emu.service.http.dressing import dress
from emu.service.http.log import logger
from emu.service.http.metrics import Meter, Metrics
from emu.service.settings import Limits, Settings
from tests.service.http.asgi import Answer, ask

TOKEN = "correct horse battery staple"
SHOWN = {"authorization": f"Bearer {TOKEN}"}


def dressed(token: str = TOKEN) -> Any:
    app = FastAPI(docs_url=None, redoc_url=None)

    @app.post("/api/echo")
    async def echo(body: dict[str, int]) -> dict[str, int]:
        return body

    @app.get("/api/fails")
    async def fails() -> None:
        raise ValueError(TOKEN)

    app.state.meters = [Meter("emu_runs_total", "Runs.", lambda: 7, kind="counter")]
    return dress(
        app,
        Settings(Path("data"), token=token, limits=Limits(body=1000)),
        stop=trio.Event(),
        metrics=Metrics(),
        log=logger(StringIO()),
    )


async def post(**headers: str) -> Answer:
    given = {"content-type": "application/json", **SHOWN, **headers}
    return await ask(dressed(), "POST", "/api/echo", given, b'{"a": 1}')


async def test_what_is_allowed_comes_through() -> None:
    assert (await post()).json == {"a": 1}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": "Bearer no"}, 401),
        ({"host": "evil.example"}, 421),
        ({"origin": "http://evil.example"}, 403),
        ({"content-length": "1001"}, 413),
        ({"content-type": "text/plain"}, 415),
    ],
)
async def test_what_is_not_is_a_problem_with_all_headers(
    headers: dict[str, str], status: int
) -> None:
    answer = await post(**headers)
    assert answer.status == status
    assert answer.problem
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_stranger_learns_nothing_of_the_token() -> None:
    answer = await post(host="evil.example", authorization="Bearer no")
    assert answer.status == 421


async def test_a_failure_gives_nothing_away() -> None:
    answer = await ask(dressed(), "GET", "/api/fails", SHOWN)
    assert (answer.status, answer.problem) == (500, "internal")
    assert TOKEN not in answer.body.decode()
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_metrics_have_what_the_app_counts_and_want_the_token() -> None:
    app = dressed()
    assert (await ask(app, "GET", "/metrics")).status == 401
    answer = await ask(app, "GET", "/metrics", SHOWN)
    assert b"emu_runs_total 7.0" in answer.body
    assert b'emu_requests_total{method="GET",path="/metrics",status="401"} 1.0' in answer.body


async def test_the_documents_want_no_token() -> None:
    app = dressed()
    assert (await ask(app, "GET", "/openapi.json")).json["openapi"].startswith("3.1")
    assert (await ask(app, "GET", "/docs")).status == 200
