"""POST /api/explore, /api/replay, /api/shrink."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from emu.service.api.calls import router
from emu.service.calls import Calls
from emu.service.settings import Limits
from tests.cli.prompt import INVERSION, emu_json
from tests.service.fifo import STUBBORN, Fifo

TAPE = "emu1:2t1#0000"


def admitted(kind: str, name: str) -> None:
    pass


@pytest.fixture
def app() -> FastAPI:
    made = FastAPI()
    made.include_router(router)
    made.state.service = SimpleNamespace(calls=Calls(Limits(), admitted))
    return made


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, backend="trio") as made:
        yield made


def test_nothing_that_the_prompt_prints_is_left_out(client: TestClient) -> None:
    body = {"scenario": INVERSION, "behaviours": True, "seed": 2}
    row = client.post("/api/explore", json=body).json()
    assert row["estimate"]["distinct"]
    printed = emu_json("explore", INVERSION, "--no-save", "--behaviours", "--seed", "2")
    for one in row, printed:
        del one["seconds"], one["summary"]
    assert row == printed


def test_a_replay_is_as_the_prompt_prints_it(client: TestClient) -> None:
    tape = emu_json("explore", INVERSION, "--no-save")["findings"][0]["tape"]
    row = client.post("/api/replay", json={"scenario": INVERSION, "tape": tape}).json()
    assert row == emu_json("replay", INVERSION, tape)


def test_a_tape_that_does_not_fit_is_an_answer(client: TestClient) -> None:
    row = client.post("/api/replay", json={"scenario": INVERSION, "tape": TAPE}).json()
    assert row == emu_json("replay", INVERSION, TAPE)


def test_a_shrunk_tape_is_as_the_prompt_prints_it(client: TestClient) -> None:
    tape = emu_json("explore", INVERSION, "--no-save")["findings"][0]["original_tape"]
    row = client.post("/api/shrink", json={"scenario": INVERSION, "tape": tape}).json()
    assert row == emu_json("shrink", INVERSION, tape)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("explore", {}),
        ("explore", {"scenario": "--help"}),
        ("explore", {"scenario": "plan.toml#entry"}),
        ("explore", {"scenario": "a\n"}),
        ("explore", {"scenario": "philosophers", "runs": 0}),
        ("explore", {"scenario": "philosophers", "runs": "5"}),
        ("explore", {"scenario": "philosophers", "seconds": -1}),
        ("explore", {"scenario": "philosophers", "until": "tomorrow"}),
        ("explore", {"scenario": "philosophers", "lanes": 3}),
        ("explore", {"scenario": "philosophers", "params": {"a=b": 1}}),
        ("explore", {"scenario": "philosophers", "params": {"n": [1]}}),
        ("explore", {"scenario": "philosophers", "params": {"n": "x" * 10_001}}),
        ("explore", {"scenario": "philosophers", "watchdog": {"--help": 1}}),
        ("replay", {"scenario": "philosophers"}),
        ("shrink", {"scenario": "philosophers", "tape": ""}),
    ],
)
def test_a_body_that_is_not_as_told_is_refused(
    path: str, body: dict[str, Any], client: TestClient
) -> None:
    assert client.post(f"/api/{path}", json=body).status_code == 422


def test_the_document_tells_what_may_be_asked(app: FastAPI) -> None:
    document = app.openapi()
    asked = document["components"]["schemas"]["Explore"]
    assert (asked["required"], asked["additionalProperties"]) == (["scenario"], False)
    assert all("summary" in path["post"] for path in document["paths"].values())


async def test_a_call_ends_when_its_client_goes_away(app: FastAPI, tmp_path: Path) -> None:
    fifo = Fifo(tmp_path / "fifo")
    body = f'{{"scenario": "{STUBBORN}", "params": {{"fifo": "{fifo.path}"}}}}'.encode()
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])
    statuses = []

    async def receive() -> Any:
        for message in messages:
            return message
        await fifo.here()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/api/explore",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"host", b"localhost")],
        "server": ("localhost", 80),
        "client": ("localhost", 1),
    }
    await app(scope, receive, send)
    await fifo.gone()
    assert statuses == [499]
