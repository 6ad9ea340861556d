"""One connection, in HTTP/1.1 by anycorn's protocol: nobody keeps it by reading or sending slowly.

It is not anycorn's own server around that protocol because that one shields its sends, and so
lets a reader that is stuck keep a connection for ever.
"""

from __future__ import annotations

import math
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

import h11
import trio
from anycorn.config import Config
from anycorn.events import Closed, Event, RawData, Updated
from anycorn.protocol.events import Body, Event as StreamEvent, Response
from anycorn.protocol.h11 import STREAM_ID, H11Protocol
from anycorn.task_group import TaskGroup
from anycorn.typing import AppWrapper, ConnectionState
from anycorn.worker_context import WorkerContext

from emu.service.http.problems import MEDIA_TYPE, document_of, kind_of

CHUNK: Final = 1 << 14
"""Bytes that are read at once: a head that comes in one piece is measured by them, too."""

LINGER: Final = 2.0
"""Seconds for which a client may go on sending what is not read any more.

Else the system would reset the connection, and the last answer with it.
"""


Put = Callable[[Any], Awaitable[None]]


@dataclass(frozen=True)
class Terms:
    """What all connections have in common.

    `idle_seconds` is how long the head of a request may take, from when it could have begun;
    `send_seconds` how long a client may not read. `dropped` is called for each that does not.
    """

    app: AppWrapper
    config: Config
    context: WorkerContext
    idle_seconds: float
    send_seconds: float
    dropped: Callable[[], object]


class Connection:
    """One connection, from when it is accepted to when it is closed."""

    def __init__(self, stream: trio.SocketStream, terms: Terms) -> None:
        self.stream = stream
        self.terms = terms
        self._sending = trio.Lock()
        self._reading = trio.CancelScope()
        self._idle = True
        self._leaving = False
        self._last = False

    async def run(self) -> None:
        """Serve it to its end; errors of the app are logged where they happen."""
        try:
            client, server = (_address(self.stream.socket.getpeername()), self._own())
            async with Apps() as group:
                terms = self.terms
                self.protocol = Http1(
                    terms.app,
                    terms.config,
                    terms.context,
                    group,
                    ConnectionState({}),
                    client,
                    server,
                    self._send,
                    None,
                )
                self._read_for(terms.idle_seconds)
                with self._reading:
                    await self._read()
                self.shut()
                await self.protocol.handle(Closed())  # tells the app, if one is still at it
        except OSError:
            return  # it was gone before it began
        finally:
            self.shut()

    def finish(self) -> None:
        """End it once what is under way is done: at once, if nothing is."""
        self._last = True
        if self._idle or self._leaving:
            self._reading.cancel()

    def shut(self) -> None:
        """Close it here and now; whoever sends or reads is woken."""
        self.stream.socket.close()
        self._reading.cancel()

    async def _read(self) -> None:
        while True:
            try:
                data = await self.stream.receive_some(CHUNK)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return
            if not data:
                return
            if not self._leaving:
                await self.protocol.handle(RawData(bytes(data)))

    def _read_for(self, seconds: float) -> None:
        """Go on reading for so long; if nothing more is wanted, only as long as must be."""
        if self._last and seconds < math.inf:
            seconds = 0
        self._reading.deadline = trio.current_time() + seconds

    async def _send(self, event: Event) -> None:
        if isinstance(event, RawData):
            await self._send_bytes(event.data)
        elif isinstance(event, Updated):
            self._idle = event.idle
            self._read_for(self.terms.idle_seconds if event.idle else math.inf)
        elif isinstance(event, Closed):
            self._leave()

    async def _send_bytes(self, data: bytes) -> None:
        try:
            with trio.fail_after(self.terms.send_seconds):
                async with self._sending:
                    await self.stream.send_all(data)
        except trio.TooSlowError:
            self.terms.dropped()
            self.shut()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            self.shut()
        except trio.Cancelled:
            self.shut()  # half a message went out, or none: there can be no other
            raise

    def _leave(self) -> None:
        """All is said: what still comes is thrown away, so that the other side reads the answer."""
        self._leaving = True
        self._read_for(LINGER)
        with suppress(OSError, ValueError):
            self.stream.socket.shutdown(socket.SHUT_WR)

    def _own(self) -> tuple[str, int] | None:
        return _address(self.stream.socket.getsockname())


class Apps(TaskGroup):
    """Where apps run. That the client has gone is told without waiting for an app to hear it.

    It may be the app itself that waits: it does not listen while it says its last word.
    """

    async def spawn_app(self, *args: Any) -> Put:
        put: Put = await super().spawn_app(*args)

        async def tell(message: Any) -> None:
            if message["type"] == "http.disconnect":
                self.spawn(put, message)
            else:
                await put(message)

        return tell


class Http1(H11Protocol):
    """The protocol without HTTP/2 in disguise; what it refuses by itself is a problem, too."""

    _method = b""

    async def stream_send(self, event: StreamEvent) -> None:
        if not (isinstance(event, Response) and event.status_code >= 400 and _is_bare(event)):
            await super().stream_send(event)
            return
        body = _document(event.status_code)
        await super().stream_send(replace(event, headers=_headers(body)))
        if self._method != b"HEAD":
            await super().stream_send(Body(STREAM_ID, body))

    async def _check_protocol(self, event: h11.Request) -> None:
        self._method = event.method

    async def _send_error_response(self, status_code: int) -> None:
        body = _document(status_code)
        headers = [*_headers(body), *self.config.response_headers("h11")]
        await self._send_h11_event(h11.Response(status_code=status_code, headers=headers))
        await self._send_h11_event(h11.Data(data=body))
        await self._send_h11_event(h11.EndOfMessage())


def _is_bare(response: Response) -> bool:
    """Whether it says nothing but its status, as those of anycorn's own do."""
    headers = {name.lower(): value for name, value in response.headers}
    return b"content-type" not in headers and headers.get(b"content-length") == b"0"


def _document(status: int) -> bytes:
    return document_of(kind_of(status), _DETAILS.get(status, "it is no request in HTTP"), status)


_DETAILS: Final = {
    400: "it is no request in HTTP, or its path is no text in UTF-8",
    431: "the head of a request may have some 16,000 bytes",
    500: "nothing answered the request",
}


def _headers(body: bytes) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]


def _address(found: Any) -> tuple[str, int] | None:
    return (found[0], found[1]) if isinstance(found, tuple) else None
