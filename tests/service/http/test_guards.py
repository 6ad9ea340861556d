"""Who comes in, and who does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emu.service.http.guards import KnownHost, PlainHttp, SameOrigin, Token
from emu.service.http.names import Names
from emu.service.settings import Settings
from tests.service.http.asgi import answering, ask

OWN = "localhost:8765"
TOKEN = "correct horse battery staple"


async def status_with(name: str, **settings: Any) -> int:
    names = Names(Settings(Path("data"), **settings))
    return (await ask(KnownHost(answering(), names), "GET", "/", {"host": name})).status


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "localhost.", "127.0.0.1:8765", "127.0.0.2", "[::1]:80"]
)
async def test_a_loopback_service_goes_by_the_names_of_loopback(host: str) -> None:
    assert await status_with(host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "192.168.0.1",
        "localhost:8765@evil.example",
        "localhost:",
        "localhost:port",
        "127.0.0.1.evil.example",
        "::1",
        "",
    ],
)
async def test_a_loopback_service_goes_by_no_other_name(host: str) -> None:
    assert await status_with(host) == 421


async def test_more_names_may_be_given() -> None:
    assert await status_with("Emu.Example:443", hosts=("emu.example",)) == 200


async def test_a_service_that_listens_everywhere_goes_by_any_address() -> None:
    assert await status_with("192.168.0.1:8765", host="0.0.0.0") == 200
    assert await status_with("emu.example", host="0.0.0.0") == 421


async def test_a_service_of_one_address_goes_by_it() -> None:
    assert await status_with("192.168.0.1", host="192.168.0.1") == 200
    assert await status_with("127.0.0.1", host="192.168.0.1") == 421


async def test_a_wrong_name_is_told_how_to_be_allowed() -> None:
    names = Names(Settings(Path("data")))
    answer = await ask(KnownHost(answering(), names), "GET", "/", {"host": "evil.example"})
    assert answer.problem == "misdirected"
    assert "--allow-host NAME" in answer.json["detail"]


async def with_token(path: str, authorization: str | None) -> Any:
    headers = {} if authorization is None else {"authorization": authorization}
    return await ask(Token(answering(), TOKEN), "GET", path, headers)


@pytest.mark.parametrize("path", ["/api", "/api/campaigns", "/metrics", "/api/nowhere"])
async def test_without_the_token_there_is_nothing_to_learn(path: str) -> None:
    answer = await with_token(path, None)
    assert (answer.status, answer.problem) == (401, "unauthorized")
    assert answer.headers["www-authenticate"] == 'Bearer realm="emu"'


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer wrong",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Basic {TOKEN}",
        TOKEN,
        "Bearer",
        "Bearer \xe9",
    ],
)
async def test_only_the_token_counts(authorization: str) -> None:
    answer = await with_token("/api/campaigns", authorization)
    assert answer.status == 401
    assert TOKEN not in answer.body.decode()


@pytest.mark.parametrize("authorization", [f"Bearer {TOKEN}", f"bearer  {TOKEN}"])
async def test_the_token_opens(authorization: str) -> None:
    assert (await with_token("/api/campaigns", authorization)).status == 200


@pytest.mark.parametrize("path", ["/", "/static/page.js", "/healthz", "/readyz", "/docs", "/apis"])
async def test_what_keeps_no_secret_needs_no_token(path: str) -> None:
    assert (await with_token(path, None)).status == 200


async def test_a_service_without_a_token_asks_for_none() -> None:
    assert (await ask(Token(answering(), ""), "GET", "/api/campaigns")).status == 200


async def status_from(method: str, **headers: str) -> int:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return (await ask(SameOrigin(answering()), method, "/api/x", given)).status


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": f"http://{OWN}"},
        {"origin": f"https://{OWN}"},
        {"origin": f"http://{OWN}", "sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
    ],
)
async def test_programs_and_the_own_page_may_change_things(headers: dict[str, str]) -> None:
    assert await status_from("POST", **headers) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://localhost:3000"},
        {"origin": "null"},
        {"origin": OWN},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": f"http://{OWN}", "sec_fetch_site": "cross-site"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT"])
async def test_pages_of_others_may_not(method: str, headers: dict[str, str]) -> None:
    assert await status_from(method, **headers) == 403


async def test_a_link_from_another_page_may_be_followed() -> None:
    assert await status_from("GET", sec_fetch_site="cross-site", sec_fetch_mode="navigate") == 200


async def test_another_page_may_not_load_anything() -> None:
    assert await status_from("GET", sec_fetch_site="cross-site", sec_fetch_mode="no-cors") == 403


async def test_a_websocket_is_turned_away() -> None:
    sent = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    await PlainHttp(answering())({"type": "websocket"}, receive, send)
    assert sent == ["websocket.close"]
