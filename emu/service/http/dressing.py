"""An app with all that stands around it, in the order in which a request meets it."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from emu.service.http.causes import answer, is_hidden


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
