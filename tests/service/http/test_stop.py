"""A stop is soon over, whatever clients do."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from starlette.responses import StreamingResponse

from emu.service.http.ending import Ending
from emu.service.settings import Limits
from tests.service.http.asgi import answering
from tests.service.http.sockets import Served, everything, read_until, request, served

SOON = 30.0


class Events:
    """What is streamed, much of it; what is left of a generator would be complained of."""

    def __aiter__(self) -> Events:
        return self

    async def __anext__(self) -> bytes:
        await trio.lowlevel.checkpoint()
        return b"data: " + b"x" * 10_000 + b"\n\n"


async def endless(scope: Any, receive: Any, send: Any) -> None:
    """An app of the usual kind that streams."""
    await StreamingResponse(Events(), media_type="text/event-stream")(scope, receive, send)


async def deaf(scope: Any, receive: Any, send: Any) -> None:
    """An app that never asks whether anybody is there."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while True:
        await send({"type": "http.response.body", "body": b"x" * 10_000, "more_body": True})
        await trio.lowlevel.checkpoint()


async def stuck(server: Served, clients: int) -> list[trio.SocketStream]:
    """Clients that have read the head of their answer, and read nothing more."""
    made = []
    for _ in range(clients):
        stream = await server.connect()
        stream.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_RCVBUF, 4096)
        await stream.send_all(request())
        await stream.receive_some(1000)
        made.append(stream)
    return made


@pytest.mark.parametrize(("app", "clients"), [(endless, 1), (endless, 20), (deaf, 20)])
async def test_clients_that_never_read_do_not_keep_it(app: Any, clients: int) -> None:
    async with served(app, limits=Limits(send_seconds=1000)) as server:
        streams = await stuck(server, clients)
        server.stop.set()
        with trio.fail_after(SOON):
            await server.stopped.wait()
        for stream in streams:
            await stream.aclose()


async def test_a_client_that_does_not_read_is_dropped() -> None:
    over = trio.Event()

    async def app(*args: Any) -> None:
        try:
            await endless(*args)
        finally:
            over.set()

    async with served(app, limits=Limits(send_seconds=0.1)) as server:
        (stream,) = await stuck(server, 1)
        await over.wait()
        assert server.dropped == [1]
        assert "dropped" in {one["event"] for one in server.log}
        await stream.aclose()


async def test_a_client_that_reads_is_kept() -> None:
    async with served(endless, limits=Limits(send_seconds=0.2)) as server:
        async with await server.connect() as stream:
            await stream.send_all(request())
            read = 0
            while read < 5_000_000:
                read += len(await stream.receive_some())
        assert server.dropped == []


async def test_streams_of_events_end_at_once() -> None:
    stop = trio.Event()

    class Once(Events):
        told = False

        async def __anext__(self) -> bytes:
            if self.told:
                await trio.sleep_forever()
            self.told = True
            return b": hello\n\n"

    async def quiet(scope: Any, receive: Any, send: Any) -> None:
        await StreamingResponse(Once(), media_type="text/event-stream")(scope, receive, send)

    async with served(Ending(quiet, stop)) as server:
        async with await server.connect() as stream:
            await stream.send_all(request())
            await read_until(stream, b"hello")
            stop.set()  # the app's stop, not the server's: nothing else ends it
            await everything(stream)


async def test_a_connection_is_closed_with_the_last_answer_although_the_client_keeps_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("emu.service.http.server.FINISH_SECONDS", 1000.0)
    begun, go = trio.Event(), trio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        begun.set()
        await go.wait()
        await answering()(scope, receive, send)

    async with served(app, idle_seconds=1000) as server:
        async with await server.connect() as stream:
            await stream.send_all(request(close=False))
            await begun.wait()
            server.stop.set()
            go.set()
            with trio.fail_after(SOON):
                await server.stopped.wait()


async def test_a_request_under_way_is_answered() -> None:
    begun, go = trio.Event(), trio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        begun.set()
        await go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    async with served(app) as server:
        async with await server.connect() as stream:
            await stream.send_all(request())
            await begun.wait()
            server.stop.set()
            go.set()
            assert b"done" in await everything(stream)


async def test_connections_that_wait_for_nothing_are_closed_at_once() -> None:
    async with served(deaf) as server:
        async with await server.connect() as stream:
            server.stop.set()
            with trio.fail_after(SOON):
                assert await everything(stream) == b""


async def test_nobody_new_is_let_in() -> None:
    async with served(deaf) as server:
        server.stop.set()
        await server.stopped.wait()
        with pytest.raises(OSError):
            await server.connect()
