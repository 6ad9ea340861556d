"""A fake service: it answers what the real one would, of what it was told to know.

Its methods are for the thread of a test; the app runs in another.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import trio
from fastapi import FastAPI, Request, Response
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse

from emu.service.api.page import router
from emu.service.errors import NotFound
from tests.service.page import canned

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""As strict as the real one's, or stricter."""


@dataclass
class Asked:
    """A request that came."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: Any = None


def problem(status: int, detail: str, **more: Any) -> Response:
    content = {"type": "/problems/some", "title": "No", "status": status, "detail": detail, **more}
    return JSONResponse(content, status, media_type="application/problem+json")


@dataclass
class Fake:
    """`campaigns` are briefs by id; the stream says nothing of `old` ones at first.

    `many` is how many findings each has a list of.
    """

    campaigns: dict[str, dict[str, Any]] = field(default_factory=dict)
    old: set[str] = field(default_factory=set)
    token: str = ""
    many: int = 2
    newest: list[dict[str, Any]] = field(default_factory=lambda: [canned.newest(1)])
    refusal: Response | None = None
    asked: list[Asked] = field(default_factory=list)
    _watchers: set[Any] = field(default_factory=set)
    _loop: Any = None

    def tell(self, which: str, **changes: Any) -> None:
        """Change a campaign, and tell those who watch."""
        trio.from_thread.run_sync(self._tell, which, changes, trio_token=self._loop)

    def forget(self, which: str) -> None:
        """Delete a campaign, and tell those who watch."""
        trio.from_thread.run_sync(self._forget, which, trio_token=self._loop)

    def hang_up(self) -> None:
        """End all streams."""
        trio.from_thread.run_sync(self._hang_up, trio_token=self._loop)

    @property
    def streams(self) -> int:
        """How many streams of news are open."""
        return len(self._watchers)

    def calls(self, method: str, path: str) -> list[Asked]:
        return [one for one in self.asked if (one.method, one.path) == (method, path)]

    def repeat(self, which: str, **changes: Any) -> None:
        """Tell those who watch, late, what was before."""
        before = self.campaigns[which] | changes
        before["revision"] -= 1
        trio.from_thread.run_sync(self._send, "campaign", before, trio_token=self._loop)

    def _tell(self, which: str, changes: dict[str, Any]) -> None:
        known = self.campaigns.get(which) or canned.brief(which)
        self.campaigns[which] = known | {"revision": known["revision"] + 1} | changes
        self._send("campaign", self.campaigns[which])

    def _forget(self, which: str) -> None:
        self.campaigns.pop(which, None)
        self._send("deleted", {"id": which})

    def _send(self, event: str, data: dict[str, Any]) -> None:
        for one in self._watchers:
            one.send.send_nowait(framed(event, data))

    def _hang_up(self) -> None:
        for one in self._watchers:
            one.send.close()
        self._watchers.clear()

    def app(self) -> FastAPI:
        app = FastAPI()
        app.include_router(router)
        app.add_exception_handler(NotFound, lambda _, error: problem(404, str(error)))
        app.middleware("http")(self._guard)
        for method, path, answer in self._routes():
            app.add_api_route(path, answer, methods=[method])
        return app

    async def _guard(self, request: Request, then: Callable[..., Awaitable[Response]]) -> Response:
        self._loop = trio.lowlevel.current_trio_token()
        body = await request.body()
        self.asked.append(
            Asked(
                request.method,
                request.url.path,
                request.url.query,
                dict(request.headers),
                orjson.loads(body) if body else None,
            )
        )
        in_api = request.url.path.startswith("/api")
        if in_api and self.token and request.headers.get("authorization") != f"Bearer {self.token}":
            return problem(401, "the token is wrong")
        response = self.refusal if in_api and self.refusal else await then(request)
        response.headers["content-security-policy"] = POLICY
        response.headers["x-content-type-options"] = "nosniff"
        return response

    def _routes(self) -> list[tuple[str, str, Any]]:
        one = "/api/campaigns/{which}"
        found = one + "/findings/{number}"
        return [
            ("GET", "/api/plans", self._plans),
            ("GET", "/api/plans/{name}", self._plan),
            ("POST", "/api/plans/check", self._check),
            ("POST", "/api/campaigns", self._create),
            ("GET", one, self._whole),
            ("DELETE", one, self._delete),
            ("POST", one + "/pause", self._pause),
            ("POST", one + "/resume", self._resume),
            ("POST", one + "/stop", self._stop),
            ("GET", one + "/plan", self._plan_of),
            ("GET", one + "/findings", self._findings),
            ("GET", one + "/events", self._past),
            ("GET", found, self._finding),
            ("GET", found + "/scene", self._scene),
            ("GET", found + "/{file}", self._file),
            ("GET", "/api/events", self._events),
        ]

    async def _plans(self) -> Any:
        items = [
            {
                "name": name,
                "entries": ["as it was", "mended"],
                "summary": f"what {name} says of itself",
            }
            for name in canned.PLANS
        ]
        return {"items": items, "next": None}

    async def _plan(self, name: str) -> Any:
        return {"name": name, "text": canned.PLANS[name]}

    async def _check(self, request: Request) -> Any:
        text = (await request.json())["toml"]
        try:
            plan = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            return problem(422, "mistakes", mistakes=[{"line": 1, "detail": str(error)}])
        wrong = [
            {"line": number, "key": "runs", "detail": f"{line.strip()}: not above 0"}
            for number, line in enumerate(text.splitlines(), 1)
            if line.startswith("runs = 0")
        ]
        if wrong:
            return problem(422, "the plan has mistakes", mistakes=wrong)
        return {
            "name": plan.get("name", ""),
            "entries": [one["name"] for one in plan.get("entry", [])],
        }

    async def _create(self, request: Request) -> Any:
        body = await request.json()
        which = f"{body.get('shipped', 'own')}-{len(self.campaigns) + 1:04}"
        self._tell(which, {})
        return JSONResponse(self.campaigns[which], 201, {"location": f"/api/campaigns/{which}"})

    async def _whole(self, which: str) -> Any:
        if which not in self.campaigns:
            return problem(404, f"there is no campaign {which}")
        whole = {"entries": canned.ENTRIES, "newest": self.newest, "options": {}}
        return self.campaigns[which] | whole

    async def _delete(self, which: str) -> Any:
        self._forget(which)
        return Response(status_code=204)

    async def _pause(self, which: str) -> Any:
        return self._becomes(which, "paused")

    async def _resume(self, which: str) -> Any:
        return self._becomes(which, "running")

    async def _stop(self, which: str) -> Any:
        return self._becomes(which, "stopped")

    def _becomes(self, which: str, state: str) -> Any:
        if self.campaigns[which]["state"] == "failed":
            return problem(409, f"{which} has failed; it cannot be {state}")
        self._tell(which, {"state": state})
        return JSONResponse(self.campaigns[which], 202)

    async def _plan_of(self, which: str) -> Any:
        return PlainTextResponse(canned.SMOKE)

    async def _findings(self, which: str, limit: int = 100, after: int = 0) -> Any:
        numbers = range(after + 1, min(after + limit, self.many) + 1)
        more = after + limit < self.many
        return {"items": [canned.row(n) for n in numbers], "next": after + limit if more else None}

    async def _finding(self, which: str, number: int) -> Any:
        return canned.finding(number)

    async def _scene(self, which: str, number: int) -> Any:
        return canned.scene() if number == 1 else problem(404, "it has no log")

    async def _file(self, which: str, number: int, file: str) -> Any:
        return PlainTextResponse(f"{file} of {which}, {number}")

    async def _past(self, which: str) -> Any:
        past = [framed(*one) for one in canned.past(self.campaigns[which]["runs"])]
        return StreamingResponse(News(past), media_type="text/event-stream")

    async def _events(self) -> Any:
        told = [one for name, one in self.campaigns.items() if name not in self.old]
        known = [framed("campaign", one) for one in told]
        news = News([b"retry: 1000\n\n", *known, framed("ready", {})], self._watchers)
        return StreamingResponse(news, media_type="text/event-stream")


class News:
    """A stream: messages now and later; while somebody reads it, it is among the watchers."""

    def __init__(self, known: list[bytes], among: set[Any] | None = None) -> None:
        self.send, self._receive = trio.open_memory_channel[bytes](math.inf)
        self._among = set() if among is None else among
        self._among.add(self)
        for one in known:
            self.send.send_nowait(one)

    def __aiter__(self) -> News:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await self._receive.receive()
        except trio.EndOfChannel:
            raise StopAsyncIteration from None
        except trio.Cancelled:
            self._among.discard(self)
            raise


def framed(event: str, data: dict[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (event.encode(), orjson.dumps(data))
