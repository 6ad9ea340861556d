"""What Prometheus may ask."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from emu.service.http.metrics import Counted, Meter, Metrics, Published
from emu.service.http.routes import Routes
from tests.service.http.asgi import answering, ask

ROUTES = Routes({"paths": {"/api/things/{n}": {"get": {}}, "/api/things": {}}}, ("/static", "/"))


def samples(metrics: Metrics) -> dict[str, float]:
    """All samples, spelled as they are in the text."""
    text = bytes(metrics.page("").body).decode()
    return {
        f"{one.name}{sorted(one.labels.values())}" if one.labels else one.name: one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


async def counted(app: Any, *paths: str, method: str = "GET") -> dict[str, float]:
    metrics = Metrics()
    around = Counted(app, metrics, lambda: ROUTES)
    for path in paths:
        await ask(around, method, path)
    return samples(metrics)


async def test_requests_are_counted_by_method_path_and_status() -> None:
    found = await counted(answering(), "/api/things", "/api/things")
    assert found["emu_requests_total['/api/things', '200', 'GET']"] == 2
    assert found["emu_request_seconds_count['/api/things', 'GET']"] == 2


async def test_paths_with_parameters_are_one() -> None:
    found = await counted(answering(), "/api/things/1", "/api/things/2", "/api/things/%2e")
    assert found["emu_requests_total['/api/things/{n}', '200', 'GET']"] == 3


async def test_paths_that_nobody_knows_are_one() -> None:
    found = await counted(answering(), "/a", "/b", "/api/things/1/2")
    assert found["emu_requests_total['200', 'GET', 'other']"] == 3


@pytest.mark.parametrize("path", ["/static/page.js", "/static/a/b.css"])
async def test_files_are_one(path: str) -> None:
    found = await counted(answering(), path)
    assert found["emu_requests_total['/static', '200', 'GET']"] == 1


async def test_methods_that_nobody_knows_are_one() -> None:
    found = await counted(answering(), "/", method="BREW")
    assert found["emu_requests_total['/', '200', 'other']"] == 1


async def test_a_stream_is_counted_while_it_is_open() -> None:
    metrics = Metrics()
    during = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        during.append(samples(metrics)["emu_streams"])
        await send({"type": "http.response.body", "body": b""})

    await ask(Counted(app, metrics, lambda: ROUTES), "GET", "/api/things")
    found = samples(metrics)
    assert (during, found["emu_streams"]) == ([1], 0)
    assert "emu_request_seconds_count['/api/things', 'GET']" not in found


async def test_what_others_count_is_read_when_it_is_asked_for() -> None:
    metrics = Metrics()
    running = {"running": 1.0}
    metrics.publish(
        [
            Meter("emu_campaigns", "Campaigns by state.", lambda: running, "state"),
            Meter("emu_runs_total", "Runs.", lambda: 10, kind="counter"),
        ]
    )
    running["paused"] = 2.0
    found = samples(metrics)
    assert (found["emu_campaigns['running']"], found["emu_campaigns['paused']"]) == (1, 2)
    assert found["emu_runs_total"] == 10


async def test_metrics_are_had_at_their_path() -> None:
    around = Published(answering(b"the app"), Metrics())
    answer = await ask(around, "GET", "/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert b"emu_streams 0.0" in answer.body
    assert (await ask(around, "GET", "/")).body == b"the app"


async def test_metrics_can_only_be_read() -> None:
    answer = await ask(Published(answering(), Metrics()), "POST", "/metrics")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
