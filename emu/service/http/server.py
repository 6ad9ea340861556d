"""Listens, serves and stops: HTTP/1.1 on trio by anycorn's protocol, behind one function."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import anycorn.logging
import trio
from anycorn.app_wrappers import ASGIWrapper
from anycorn.config import Config
from anycorn.typing import ResponseSummary, WWWScope
from anycorn.worker_context import WorkerContext
from starlette.types import ASGIApp
from structlog.typing import FilteringBoundLogger

from emu.service.http.binding import bind, url_of
from emu.service.http.connection import Connection, Terms
from emu.service.http.log import logger
from emu.service.http.metrics import STATUS
from emu.service.http.problems import KINDS, MEDIA_TYPE, document_of
from emu.service.settings import Settings

IDLE_SECONDS: Final = 10.0
"""How long a connection may wait for the whole head of its next request."""

HEAD: Final = 1 << 14
"""Bytes that the head of a request may have."""

FINISH_SECONDS: Final = 1.5
"""At a stop, how long requests under way may take to be answered."""

LEAVE_SECONDS: Final = 1.0
"""And then, how long the app has to notice that their connections are closed."""

TOLD: Final = "emu.told"
"""In the scope of a request: the log has it."""

QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""What is asked every few seconds by machines; only what goes wrong there is logged."""


async def serve(
    app: ASGIApp,
    settings: Settings,
    *,
    started: Callable[[str], object],
    stop: trio.Event,
    log: FilteringBoundLogger | None = None,
    dropped: Callable[[], object] = lambda: None,
    idle_seconds: float = IDLE_SECONDS,
) -> None:
    """Serve `app` at the host and port of `settings` until `stop`, and for some seconds more.

    `started` is told the URL once it listens; `dropped` is called for every client that did not
    read for `settings.limits.send_seconds`. There are no lifespan events: what the app needs open
    is opened around this.

    Raises `UsageError` where it cannot listen.
    """
    log = logger() if log is None else log
    listeners = await bind(settings.host, settings.port)
    terms = Terms(
        app=ASGIWrapper(_simple(app)),
        config=_config(log),
        context=WorkerContext(None),
        idle_seconds=idle_seconds,
        send_seconds=settings.limits.send_seconds,
        dropped=partial(_dropped, dropped, log),
    )
    most = settings.limits.streams + settings.limits.connections
    crowd = _Crowd(terms, most, log)
    async with trio.open_nursery() as nursery:
        async with trio.open_nursery() as accepting:
            accepting.start_soon(
                partial(trio.serve_listeners, handler_nursery=nursery), crowd.take, listeners
            )
            url = url_of(settings.host, listeners)
            log.info("listening", url=url)
            started(url)
            await stop.wait()
            accepting.cancel_scope.cancel()
        await terms.context.terminated.set()
        log.info("stopping", connections=len(crowd.all))
        await crowd.leave()
        nursery.cancel_scope.cancel()
    log.info("stopped")


class _Crowd:
    """All connections: so many and no more."""

    def __init__(self, terms: Terms, most: int, log: FilteringBoundLogger) -> None:
        self.terms = terms
        self.most = most
        self.log = log
        self.all: set[Connection] = set()
        self._fewer = trio.Event()

    async def take(self, stream: trio.SocketStream) -> None:
        """Serve a connection; whatever happens in one is no other's business."""
        if len(self.all) >= self.most:
            self.log.warning("full", connections=len(self.all))
            await _turn_away(stream)
            return
        made = Connection(stream, self.terms)
        self.all.add(made)
        try:
            await made.run()
        except Exception:
            self.log.exception("connection failed")
        finally:
            self.all.discard(made)
            self._fewer.set()

    async def leave(self) -> None:
        """Let requests be answered, then close what is still there, for a while each."""
        for one in self.all:
            one.finish()
        await self._wait(FINISH_SECONDS)
        for one in self.all:
            one.shut()
        await self._wait(LEAVE_SECONDS)

    async def _wait(self, seconds: float) -> None:
        with trio.move_on_after(seconds):
            while self.all:
                self._fewer = trio.Event()
                await self._fewer.wait()


async def _turn_away(stream: trio.SocketStream) -> None:
    """Say that there is no room, if that can be said without waiting."""
    with trio.move_on_after(1):
        try:
            await stream.send_all(_NO_ROOM)
        except trio.BrokenResourceError:
            pass
        finally:
            stream.socket.close()


_BODY: Final = document_of(KINDS["unavailable"], "too many connections are open; try again later")
_NO_ROOM: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 5\r\n"
    + f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(_BODY)}\r\n\r\n".encode()
    + _BODY
)


def _simple(app: ASGIApp) -> Callable[..., Any]:
    """The app without what the server could send past a connection's limits."""

    async def simple(scope: Any, receive: Any, send: Any) -> None:
        scope["extensions"] = {}
        await app(scope, receive, send)

    return simple


def _dropped(tell: Callable[[], object], log: FilteringBoundLogger) -> None:
    log.warning("dropped", why="it did not read")
    tell()


def _config(log: FilteringBoundLogger) -> Config:
    config = Config()
    config.h11_max_incomplete_size = HEAD
    config.include_server_header = False
    config.errorlog = None
    config.logger_class = lambda config: _Log(config, log)  # type: ignore[assignment]
    return config


class _Log(anycorn.logging.Logger):
    """What anycorn has to say, in our log; an answer is one line, without query and headers."""

    def __init__(self, config: Config, log: FilteringBoundLogger) -> None:
        super().__init__(config)
        self._own = log

    async def access(
        self, request: WWWScope, response: ResponseSummary | None, request_time: float
    ) -> None:
        if request.get(TOLD):
            return  # both the answer's end and that of its connection are told of
        request[TOLD] = True  # type: ignore[typeddict-unknown-key]
        known = request.get(STATUS) if response is None else response["status"]
        status = None if known is None else int(known)  # type: ignore[call-overload]
        if request["path"] in QUIET and status == 200:
            return
        client = request.get("client")
        self._own.info(
            "request",
            method=request.get("method"),
            path=request["path"],
            status=status,
            seconds=round(request_time, 4),
            client=client[0] if client else None,
        )

    async def info(self, message: str, *args: Any, **_: Any) -> None:
        self._own.info("server", says=message % args if args else message)

    async def exception(self, message: str, *_: Any, **__: Any) -> None:
        self._own.error("failure", says=message, exc_info=True)

    debug = info
    warning = error = critical = info
