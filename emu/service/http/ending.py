"""A stop ends streams: watchers are told at once, and need not be waited for."""

from __future__ import annotations

from typing import Final

import trio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STREAM: Final = "text/event-stream"


class Ending:
    """Tells the app that the client has gone, when `stop` comes while it sends events."""

    def __init__(self, app: ASGIApp, stop: trio.Event) -> None:
        self.app = app
        self.stop = stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        streams = False

        async def sending(message: Message) -> None:
            nonlocal streams
            if message["type"] == "http.response.start":
                streams = is_stream(message)
            await send(message)

        async def receiving() -> Message:
            made: list[Message] = []

            async def one(scope: trio.CancelScope) -> None:
                made.append(await receive())
                scope.cancel()

            async def end(scope: trio.CancelScope) -> None:
                await self.stop.wait()
                if streams:
                    scope.cancel()

            async with trio.open_nursery() as nursery:
                nursery.start_soon(one, nursery.cancel_scope)
                nursery.start_soon(end, nursery.cancel_scope)
            return made[0] if made else {"type": "http.disconnect"}

        await self.app(scope, receiving, sending)


def is_stream(start: Message) -> bool:
    """Whether the answer that begins so is a stream of events."""
    return any(
        name.lower() == b"content-type" and value.decode("latin-1").startswith(STREAM)
        for name, value in start.get("headers", ())
    )
