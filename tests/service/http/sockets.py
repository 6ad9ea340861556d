"""A server at a port of this machine, and clients of the rude kind."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import trio

from emu.service.http.log import logger
from emu.service.http.server import serve
from emu.service.settings import Limits, Settings


@dataclass
class Served:
    """A server that runs: its port, what makes it stop, whether it did, and what it logged."""

    port: int
    stop: trio.Event
    stopped: trio.Event
    output: StringIO
    dropped: list[int]

    @property
    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.output.getvalue().splitlines()]

    async def connect(self) -> trio.SocketStream:
        return await trio.open_tcp_stream("127.0.0.1", self.port)


@asynccontextmanager
async def served(
    app: Any, *, limits: Limits | None = None, **options: Any
) -> AsyncIterator[Served]:
    stop, stopped, output = trio.Event(), trio.Event(), StringIO()
    dropped: list[int] = []
    urls: list[str] = []
    up = trio.Event()

    def started(url: str) -> None:
        urls.append(url)
        up.set()

    async def run() -> None:
        settings = Settings(Path("data"), port=0, limits=limits or Limits())
        await serve(
            app,
            settings,
            started=started,
            stop=stop,
            log=logger(output),
            dropped=lambda: dropped.append(1),
            **options,
        )
        stopped.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run)
        await up.wait()
        port = int(urls[0].rpartition(":")[2])
        yield Served(port, stop, stopped, output, dropped)
        stop.set()


def request(
    method: str = "GET", path: str = "/", body: bytes = b"", *, close: bool = True, **headers: str
) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    if close:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode() + body


async def everything(stream: trio.SocketStream) -> bytes:
    """What comes until the other side closes; a reset is no close."""
    parts = [bytes(part) async for part in stream]
    return b"".join(parts)


async def read_until(stream: trio.SocketStream, end: bytes) -> bytes:
    read = b""
    while end not in read:
        part = await stream.receive_some()
        assert part, read
        read += part
    return read


async def answer_to(server: Served, sent: bytes) -> tuple[int, bytes]:
    """Status and body of the answer to `sent`, on a connection of its own."""
    async with await server.connect() as stream:
        await stream.send_all(sent)
        got = await everything(stream)
    head, _, body = got.partition(b"\r\n\r\n")
    return int(head.split()[1]), body
