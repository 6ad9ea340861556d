"""An app with all that stands around it, in the order in which a request meets it."""

from __future__ import annotations

from typing import Final

import trio
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from emu.service.http.bodies import Bodies
from emu.service.http.causes import answer, install, is_hidden
from emu.service.http.docs import pages
from emu.service.http.ending import Ending
from emu.service.http.guards import KnownHost, PlainHttp, SameOrigin, Token
from emu.service.http.headers import SecurityHeaders
from emu.service.http.metrics import PATH, Counted, Metrics, Published
from emu.service.http.names import Names
from emu.service.http.routes import Routes
from emu.service.settings import Settings


class Unforeseen:
    """Answers what the app raises, if it is not too late for that, and logs it."""

    def __init__(self, app: ASGIApp, log: FilteringBoundLogger) -> None:
        self.app = app
        self.log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except Exception as error:
            if scope["type"] != "http":
                raise
            if is_hidden(error) or started:
                where = {"method": scope["method"], "path": scope["path"]}
                self.log.exception("failure", **where)
            if not started:
                await answer(error)(scope, receive, send)


def dress(
    app: FastAPI,
    settings: Settings,
    *,
    stop: trio.Event,
    metrics: Metrics,
    log: FilteringBoundLogger,
) -> ASGIApp:
    """The app with all that stands around it; its streams of events end at `stop`.

    The app's own meters, if it has any in `app.state.meters`, are published with `metrics`.
    """
    install(app)
    metrics.publish(getattr(app.state, "meters", ()))
    routes: list[Routes] = []

    def known() -> Routes:
        if not routes:
            routes.append(Routes(app.openapi(), BESIDE))
        return routes[0]

    made: ASGIApp = Ending(app, stop)
    made = pages.Docs(made, app.openapi, token=bool(settings.token))
    made = Published(made, metrics)
    made = Bodies(made, settings.limits.body)
    made = Token(made, settings.token)
    made = SameOrigin(made)
    made = KnownHost(made, Names(settings))
    made = PlainHttp(made)
    made = Unforeseen(made, log)
    made = SecurityHeaders(made)
    return Counted(made, metrics, known)


BESIDE: Final = ("/static", pages.PATH, pages.PROBLEMS, PATH, "/")
"""What is served beside what the OpenAPI document has."""
