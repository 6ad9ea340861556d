"""What people see: the page at `/`, and its files under `/static/`.

All files are read once, so that a request names a key of a table and never
a path. Those under `/static/report/` are the report's own: timelines are drawn by the same scripts.
"""

from __future__ import annotations

from base64 import b32encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Final

from fastapi import APIRouter, Request, Response

from emu.analysis.report import parts
from emu.analysis.report.page import hatches
from emu.service.errors import NotFound

router = APIRouter(include_in_schema=False)

TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""Of each file its type: browsers run no script of another."""

INDEX: Final = "index.html"
HATCHES: Final = "<!-- hatches -->"
"""Where in the page the patterns stand that timelines refer to."""


@dataclass(frozen=True)
class File:
    """A file as it is sent."""

    body: bytes
    media_type: str
    tag: str


@router.api_route("/", methods=["GET", "HEAD"])
async def index(request: Request) -> Response:
    """The page."""
    return _answer(request, page_files()[INDEX])


@router.api_route("/static/{name:path}", methods=["GET", "HEAD"])
async def static(request: Request, name: str) -> Response:
    """A file of the page."""
    file = page_files().get(name)
    if file is None or name == INDEX:
        raise NotFound(f"the page has no file {name!r}")
    return _answer(request, file)


@cache
def page_files() -> dict[str, File]:
    """Every file, by its name below `/static/`; the page itself is `index.html`."""
    home = files("emu.service") / "page"
    own = {one.name: one.read_bytes() for one in home.iterdir()}
    own[INDEX] = own[INDEX].replace(HATCHES.encode(), hatches().encode())
    report = {f"report/{one.name}": one.read_bytes() for one in parts.home().iterdir()}
    return {name: _file(name, body) for name, body in sorted({**own, **report}.items())}


def _file(name: str, body: bytes) -> File:
    tag = b32encode(sha256(body).digest()).decode()[:26].lower()
    return File(body, TYPES[PurePosixPath(name).suffix], f'"{tag}"')


def _answer(request: Request, file: File) -> Response:
    """The file, or that the browser has it: browsers ask each time, as emu may be another one."""
    headers = {"cache-control": "no-cache", "etag": file.tag}
    known = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
    if file.tag in known or f"W/{file.tag}" in known or known == ["*"]:
        return Response(status_code=304, headers=headers)
    return Response(file.body, headers=headers, media_type=file.media_type)
