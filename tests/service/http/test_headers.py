"""Browsers are told what to allow."""

from __future__ import annotations

from typing import Any

import pytest

from emu.service.http.headers import OWN, REPORT, SecurityHeaders
from tests.service.http.asgi import answering, ask


async def headers_of(path: str, media_type: bytes = b"text/html; charset=utf-8") -> dict[str, str]:
    answer = await ask(SecurityHeaders(answering(b"", media_type)), "GET", path)
    return answer.headers


@pytest.mark.parametrize("path", ["/", "/docs", "/api/campaigns", "/static/page.js"])
async def test_every_answer_has_them(path: str) -> None:
    headers = await headers_of(path)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "access-control-allow-origin" not in headers


async def test_the_page_has_nothing_inline() -> None:
    policy = (await headers_of("/"))["content-security-policy"]
    assert policy == OWN
    assert "unsafe" not in policy


async def test_a_report_is_in_a_sandbox() -> None:
    policy = (await headers_of("/api/campaigns/smoke-0001/report"))["content-security-policy"]
    assert policy == REPORT
    assert policy.startswith("sandbox ")
    assert "allow-same-origin" not in policy


async def test_json_of_the_api_is_no_report() -> None:
    headers = await headers_of("/api/campaigns", b"application/json")
    assert (headers["content-security-policy"], headers["cache-control"]) == (OWN, "no-store")


async def test_a_policy_of_its_own_is_kept() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-security-policy", b"sandbox")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    answer = await ask(SecurityHeaders(app), "GET", "/")
    assert answer.headers["content-security-policy"] == "sandbox"
