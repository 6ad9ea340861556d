"""A body is no larger than allowed, and takes no longer."""

from __future__ import annotations

from typing import Any

import trio
from trio.testing import MockClock

from emu.service.http.bodies import SECONDS, Bodies
from tests.service.http.asgi import answering, ask, scope_of


async def test_a_body_of_just_the_limit_is_read() -> None:
    assert (await ask(Bodies(answering(), 10), "POST", "/", body=b"0123456789")).status == 200


async def test_a_body_that_is_declared_too_large_is_not_read() -> None:
    asked = []

    async def app(*_: Any) -> None:
        asked.append(1)

    answer = await ask(Bodies(app, 10), "POST", "/", {"content-length": "11"}, b"01234567890")
    assert (answer.status, answer.problem, asked) == (413, "too-large", [])
    assert answer.json["detail"] == "a body may have 10 bytes"


async def test_a_body_in_chunks_is_read_no_further_than_the_limit() -> None:
    taken = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while True:
            taken.append(await receive())

    answer = await ask(Bodies(app, 10), "POST", "/", body=[b"012345", b"678901", b"234567"])
    assert (answer.status, answer.problem) == (413, "too-large")
    assert len(taken) == 1


async def test_an_answer_to_too_large_a_body_ends_the_connection() -> None:
    answer = await ask(Bodies(answering(), 1), "POST", "/", body=[b"01", b""])
    assert answer.headers["connection"] == "close"


async def test_an_app_that_catches_all_errors_does_not_catch_this() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            await answering()(scope, receive, send)
        except Exception:
            await answering()(scope, receive, send)

    assert (await ask(Bodies(app, 1), "POST", "/", body=[b"01", b""])).status == 413


async def test_a_body_read_in_a_nursery_is_refused_just_so() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(receive)

    assert (await ask(Bodies(app, 1), "POST", "/", body=[b"01", b""])).status == 413


async def test_a_body_that_does_not_arrive_is_given_up(autojump_clock: MockClock) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        await trio.sleep(SECONDS / 4)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    await Bodies(answering(), 1000)(scope_of("POST", "/"), receive, send)
    assert sent[0]["status"] == 408


async def test_whoever_has_sent_all_may_wait_for_the_answer(autojump_clock: MockClock) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await trio.sleep(10)
        with trio.move_on_after(10):
            await receive()  # until the client goes away
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    assert (await ask(Bodies(app, 10, seconds=1), "POST", "/", body=b"x")).status == 200
