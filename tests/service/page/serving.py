"""A fake service that listens on this machine, in a thread of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anycorn
import trio
from anycorn.config import Config

from tests.service.page.fake import Fake


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def served(fake: Fake, port: int) -> Iterator[str]:
    """The service at a port; gives its URL."""
    listening, ended = threading.Event(), threading.Event()
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.graceful_timeout = 0.1
    config.errorlog = None

    async def stop() -> None:
        await trio.to_thread.run_sync(ended.wait)
        fake._hang_up()

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            app: Any = fake.app()
            await nursery.start(_serve, app, config, stop)
            listening.set()

    thread = threading.Thread(target=trio.run, args=(main,))
    thread.start()
    try:
        assert listening.wait(10)
        yield f"http://127.0.0.1:{port}/"
    finally:
        ended.set()
        thread.join(10)
    assert not thread.is_alive()


async def _serve(app: Any, config: Config, stop: Any, *, task_status: Any) -> None:
    await anycorn.serve(app, config, shutdown_trigger=stop, task_status=task_status)
