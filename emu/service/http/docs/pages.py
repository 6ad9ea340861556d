"""Answers `/docs`, and `/problems/NAME`, where the `type` of a problem leads."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import jinja2
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from emu.service.http.docs.operations import subjects
from emu.service.http.guards import header
from emu.service.http.problems import KINDS, problem

PATH: Final = "/docs"
STYLE: Final = "/docs/page.css"
PROBLEMS: Final = "/problems"

HERE: Final = Path(__file__).parent


class Docs:
    """Answers what is below `/docs` and `/problems`; `document` gives the OpenAPI document."""

    def __init__(
        self, app: ASGIApp, document: Callable[[], dict[str, Any]], *, token: bool
    ) -> None:
        self.app = app
        self._page = lru_cache(maxsize=4)(lambda base: page(document(), base, token=token))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_docs(scope["path"]):
            await self.app(scope, receive, send)
        else:
            await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
        path = scope["path"].rstrip("/")
        if scope["method"] not in {"GET", "HEAD"}:
            detail = "this can only be read"
            return problem("method-not-allowed", detail, headers={"allow": "GET, HEAD"})
        if path == PATH:
            base = f"{scope['scheme']}://{header(scope, b'host')}"
            return Response(self._page(base), media_type="text/html")
        if path == STYLE:
            return Response((HERE / "page.css").read_bytes(), media_type="text/css")
        name = path.removeprefix(PROBLEMS).strip("/")
        if path.startswith(PROBLEMS) and (not name or name in KINDS):
            return RedirectResponse(f"{PATH}#problem-{name}" if name else f"{PATH}#problems")
        return problem("not-found", "there is no such page; /docs has all")


def is_docs(path: str) -> bool:
    """Whether a path is answered here."""
    return any(path == one or path.startswith(f"{one}/") for one in (PATH, PROBLEMS))


def page(document: dict[str, Any], base: str, *, token: bool) -> str:
    """The page, in HTML; `base` is where the service is, with `token` it wants one."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        info=document["info"],
        subjects=subjects(document, base, token=token),
        kinds=list(KINDS.values()),
        base=base,
        token=token,
        style=STYLE,
    )
