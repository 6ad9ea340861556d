"""The files of the page: with their types, asked for again and again, and none besides."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI, Request, Response

from emu.service.api.page import page_files, router
from emu.service.errors import NotFound

IMPORT = re.compile(r'^(?:import|export) [^;]*?"(\./[^"]+)";$|new URL\("(\./[^"]+)"', re.MULTILINE)


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    app = FastAPI()
    app.include_router(router)

    async def not_found(_: Request, error: Exception) -> Response:
        return Response(str(error), 404)

    app.add_exception_handler(NotFound, not_found)
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://emu") as made:
        yield made


async def test_the_page_stands_at_the_root(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!doctype html>")
    assert 'id="hatch-l0"' in answer.text


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("main.js", "text/javascript; charset=utf-8"),
        ("report/timeline.js", "text/javascript; charset=utf-8"),
        ("service.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ],
)
async def test_a_file_has_its_type(client: httpx2.AsyncClient, name: str, media_type: str) -> None:
    answer = await client.get(f"/static/{name}")
    assert answer.headers["content-type"] == media_type
    assert answer.content == page_files()[name].body


@pytest.mark.parametrize("path", ["/", "/static/main.js"])
async def test_what_the_browser_has_is_not_sent_again(
    client: httpx2.AsyncClient, path: str
) -> None:
    first = await client.get(path)
    assert first.headers["cache-control"] == "no-cache"
    for tags in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
        again = await client.get(path, headers={"if-none-match": tags})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    assert (await client.get(path, headers={"if-none-match": '"other"'})).status_code == 200


@pytest.mark.parametrize("path", ["/", "/static/main.js"])
async def test_head_has_the_headers_alone(client: httpx2.AsyncClient, path: str) -> None:
    whole, head = await client.get(path), await client.head(path)
    assert head.content == b""
    for name in ("etag", "content-type", "content-length"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/index.html",
        "/static/nothing.js",
        "/static/../page.py",
        "/static/%2e%2e/api/page.py",
        "/static/..%2fapi%2fpage.py",
        "/static/report/../../page.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/main.js%00",
        "/static/report",
    ],
)
async def test_there_is_nothing_else(client: httpx2.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


def test_every_script_imports_what_is_there() -> None:
    there = page_files()
    for name, file in there.items():
        folder = name.rpartition("/")[0]
        for found in IMPORT.findall(file.body.decode()) if name.endswith(".js") else ():
            target = "/".join(filter(None, [folder, next(filter(None, found))[2:]]))
            assert target in there, f"{name} imports {target}"


def test_no_script_makes_html_of_text() -> None:
    for name, file in page_files().items():
        text = file.body.decode()
        found = re.search(r"(inner|outer|Adjacent)HTML|document\.write|\beval\(", text)
        assert found is None, name


def test_nothing_stands_inline_and_nothing_comes_from_elsewhere() -> None:
    text = page_files()["index.html"].body.decode()
    assert re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]* src=\"/static/)", text) is None
    for one in page_files().values():
        assert set(re.findall(r"https?://[\w.]+", one.body.decode())) <= {"http://www.w3.org"}
