"""The server answers, refuses and logs over real sockets."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from emu.errors import UsageError
from emu.service.http.server import HEAD, serve
from emu.service.settings import Limits, Settings
from tests.service.http.asgi import answering
from tests.service.http.sockets import answer_to, everything, read_until, request, served


async def test_it_answers() -> None:
    async with served(answering(b"hello")) as server:
        assert await answer_to(server, request()) == (200, b"hello")


async def test_a_connection_serves_one_request_after_the_other() -> None:
    async with served(answering(b"hello")) as server:
        async with await server.connect() as stream:
            for _ in range(3):
                await stream.send_all(request(close=False))
                assert await read_until(stream, b"hello")


async def test_it_does_not_say_what_it_is() -> None:
    async with served(answering()) as server:
        async with await server.connect() as stream:
            await stream.send_all(request())
            assert b"server:" not in (await everything(stream)).lower()


async def test_an_answer_is_a_line_of_the_log_without_query_and_headers() -> None:
    async with served(answering()) as server:
        sent = request(path="/x?token=hidden", Authorization="Bearer hidden")
        await answer_to(server, sent)
        line = next(one for one in server.log if one["event"] == "request")
        assert (line["method"], line["path"], line["status"]) == ("GET", "/x", 200)
        assert line["client"] == "127.0.0.1"
        assert "hidden" not in server.output.getvalue()


async def test_being_asked_for_its_health_is_not_worth_a_line() -> None:
    async with served(answering()) as server:
        await answer_to(server, request(path="/healthz"))
        assert "request" not in {one["event"] for one in server.log}


async def test_what_an_app_raises_is_an_answer_and_a_line_of_the_log() -> None:
    async def app(*_: Any) -> None:
        raise ValueError("secret")

    async with served(app) as server:
        status, body = await answer_to(server, request())
        assert (status, json.loads(body)["type"]) == (500, "/problems/internal")
        assert b"secret" not in body
        assert "ValueError: secret" in server.output.getvalue()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"rubbish\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (request(path="/%ff"), 400),
        (request(path="/%"), 400),
        (request(Padding="x" * 2 * HEAD), 431),
    ],
)
async def test_what_is_no_request_is_a_problem(sent: bytes, status: int) -> None:
    async with served(answering()) as server:
        found, body = await answer_to(server, sent)
        assert (found, json.loads(body)["status"]) == (status, status)


async def test_a_head_request_for_no_path_has_no_body() -> None:
    async with served(answering()) as server:
        assert await answer_to(server, request("HEAD", "/%ff")) == (400, b"")


@pytest.mark.parametrize(
    "sent",
    [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        request(Upgrade="h2c", Connection="Upgrade, HTTP2-Settings", HTTP2_Settings="AAMAAABkAA"),
    ],
)
async def test_it_never_speaks_http_2(sent: bytes) -> None:
    async with served(answering()) as server:
        async with await server.connect() as stream:
            await stream.send_all(sent)
            got = await everything(stream)
            assert got.startswith(b"HTTP/1.1 ")
            assert b" 101 " not in got


async def test_a_client_that_sends_half_a_request_is_closed() -> None:
    async with served(answering(), idle_seconds=0.05) as server:
        async with await server.connect() as stream:
            await stream.send_all(b"GET / HTTP/1.1\r\nHost: lo")
            assert await everything(stream) == b""


async def test_one_byte_now_and_then_makes_no_difference() -> None:
    async def drip(stream: trio.SocketStream) -> None:
        with suppress(trio.BrokenResourceError):
            for byte in request():
                await stream.send_all(bytes([byte]))
                await trio.sleep(0.05)

    async with served(answering(), idle_seconds=0.1) as server:
        async with await server.connect() as stream, trio.open_nursery() as nursery:
            nursery.start_soon(drip, stream)
            with suppress(trio.BrokenResourceError):  # closed in the middle of what was sent
                assert await everything(stream) == b""
            nursery.cancel_scope.cancel()


async def test_a_connection_that_asks_for_nothing_more_is_closed() -> None:
    async with served(answering(), idle_seconds=0.05) as server:
        async with await server.connect() as stream:
            await stream.send_all(request(close=False))
            assert (await everything(stream)).endswith(b"ok")


async def test_there_are_so_many_connections_and_no_more() -> None:
    async with served(answering(), limits=Limits(streams=1, connections=1)) as server:
        first, second = await server.connect(), await server.connect()
        for one in (first, second):
            await one.send_all(request(close=False))
            await read_until(one, b"ok")
        async with await server.connect() as third:
            assert b" 503 " in await everything(third)
        await first.aclose()
        await second.aclose()


@pytest.mark.parametrize("late", [False, True])
async def test_whoever_sends_too_much_still_reads_the_answer(late: bool) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if late:
            await trio.testing.wait_all_tasks_blocked()  # until nothing more can be sent
        headers = [(b"content-length", b"2"), (b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": b"no"})

    async with served(app) as server:
        sent = request("POST", body=b"x" * 4_000_000)
        assert await answer_to(server, sent) == (413, b"no")


async def test_a_connection_ends_if_an_app_was_cancelled_at_its_last_word() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello", "more_body": True})
        with trio.CancelScope() as given_up:
            given_up.cancel()
            await send({"type": "http.response.body", "body": b""})

    async with served(app, idle_seconds=1000) as server:
        async with await server.connect() as stream:
            await stream.send_all(request(close=False))
            got = await everything(stream)
            assert (b"hello" in got, got.endswith(b"0\r\n\r\n")) == (True, False)


async def raised_by(host: str, port: int = 0) -> str:
    settings = Settings(Path("data"), host=host, port=port)
    with pytest.raises(UsageError) as raised:
        await serve(answering(), settings, started=print, stop=trio.Event())
    return str(raised.value)


async def test_a_port_that_is_taken_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert await raised_by("127.0.0.1", port) == (
            f"--port {port}: something listens there already; --port 0 finds one that is free"
        )


async def test_a_host_that_is_unknown_is_one_sentence() -> None:
    said = await raised_by("nowhere.invalid")
    assert said.startswith("--host nowhere.invalid: there is no such host; allowed are")


async def test_a_host_of_another_machine_is_one_sentence() -> None:
    assert await raised_by("192.0.2.1") == "--host 192.0.2.1: this is no address of this machine"
