"""How much a request may bring, and how long that may take."""

from __future__ import annotations

import math
from typing import Final

import trio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emu.service.http.guards import header
from emu.service.http.problems import problem

SECONDS: Final = 20.0
"""How long a whole body may take to arrive."""


class _Stop(BaseException):
    """Ends the app from within `receive`; nothing in it may take this for an error of its own."""


class Bodies:
    """Refuses bodies that are larger than `limit` bytes, or take longer than `seconds`.

    What is too large is not read to its end; the connection ends with the answer.
    """

    def __init__(self, app: ASGIApp, limit: int, seconds: float = SECONDS) -> None:
        self.app = app
        self.limit = limit
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if _declared(scope) > self.limit:
            await self._too_large(scope, receive, send)
            return
        body = _Body(receive, self.limit, trio.current_time() + self.seconds)
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, body.receive, sending)
        except _Stop:
            pass
        except BaseExceptionGroup as group:
            if group.split(_Stop)[1] is not None:
                raise
        if started or not body.wrong:
            return
        if body.wrong == "too-large":
            await self._too_large(scope, receive, send)
        else:
            detail = f"the body must arrive within {self.seconds:g} seconds"
            await problem(body.wrong, detail, headers=_CLOSE)(scope, receive, send)

    async def _too_large(self, scope: Scope, receive: Receive, send: Send) -> None:
        detail = f"a body may have {self.limit:,} bytes"
        await problem("too-large", detail, headers=_CLOSE)(scope, receive, send)


_CLOSE: Final = {"connection": "close"}


class _Body:
    """One body on its way in."""

    def __init__(self, receive: Receive, limit: int, deadline: float) -> None:
        self._receive = receive
        self._left = limit
        self._deadline = deadline
        self.wrong = ""

    async def receive(self) -> Message:
        """The next message; raises `_Stop` if there is too much, or it takes too long."""
        with trio.CancelScope(deadline=self._deadline):
            message = await self._receive()
            if message["type"] == "http.request":
                self._left -= len(message.get("body", b""))
                if self._left < 0:
                    self.wrong = "too-large"
                    raise _Stop
                if not message.get("more_body", False):
                    self._deadline = math.inf
            return message
        self.wrong = "too-slow"
        raise _Stop


def _declared(scope: Scope) -> int:
    length = header(scope, b"content-length") or ""
    return int(length) if length.isdecimal() else 0
