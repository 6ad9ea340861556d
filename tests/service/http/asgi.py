"""Requests to ASGI apps without a server, and small apps to ask."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import trio


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def problem(self) -> str:
        """The kind of problem that it tells of."""
        assert self.headers["content-type"] == "application/problem+json"
        assert self.json["status"] == self.status
        name: str = self.json["type"].removeprefix("/problems/")
        return name


def scope_of(
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    query: str = "",
) -> dict[str, Any]:
    given = {"host": "localhost:8765", **(headers or {})}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.1"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [
            (name.lower().encode(), value.encode("latin-1")) for name, value in given.items()
        ],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8765),
        "state": {},
        "extensions": {},
    }


async def ask(
    app: Any,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    body: bytes | Sequence[bytes] = b"",
    **more: Any,
) -> Answer:
    """One request; a `body` of several parts comes in chunks. After it the client waits."""
    parts = [body] if isinstance(body, bytes) else list(body)
    messages = [
        {"type": "http.request", "body": part, "more_body": at < len(parts) - 1}
        for at, part in enumerate(parts)
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        if not messages:
            await trio.sleep_forever()
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope_of(method, path, headers, **more), receive, send)
    start = sent[0]
    return Answer(
        start["status"],
        {name.decode(): value.decode("latin-1") for name, value in start["headers"]},
        b"".join(message.get("body", b"") for message in sent[1:]),
    )


def answering(body: bytes = b"ok", media_type: bytes = b"text/plain") -> Callable[..., Any]:
    """An app that reads the whole body, and answers always the same."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        length = str(len(body)).encode()
        headers = [(b"content-type", media_type), (b"content-length", length)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app
