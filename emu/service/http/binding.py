"""Where a server listens: addresses of a host, a port, and a sentence if that cannot be."""

from __future__ import annotations

import errno
import socket
from contextlib import suppress
from typing import Final

import trio

from emu.errors import UsageError

BACKLOG: Final = 128

BUFFER: Final = 1 << 17
"""Bytes that the system keeps for a client that does not read, before a send has to wait."""

DEAD_MILLISECONDS: Final = 30_000
"""After so long without any sign of life, the other side is gone."""

_ABSENT: Final = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


async def bind(host: str, port: int) -> list[trio.SocketListener]:
    """Listen at every address of `host`; port 0: at one that is free, the same for all.

    Raises `UsageError` for a host that is unknown or not of this machine, and for a port that is
    taken or not for everybody.
    """
    listeners: list[trio.SocketListener] = []
    absent: OSError | None = None
    try:
        for family, address in await _addresses(host):
            try:
                listeners.append(await _listener(family, (address, port)))
            except OSError as wrong:
                if wrong.errno not in _ABSENT:
                    raise
                absent = wrong
                continue
            port = listeners[0].socket.getsockname()[1]
        if absent is not None and not listeners:
            raise absent
    except OSError as wrong:
        for one in listeners:
            one.socket.close()
        raise UsageError(_sentence(host, port, wrong)) from None
    return listeners


def url_of(host: str, listeners: list[trio.SocketListener]) -> str:
    """How a browser on this machine calls it."""
    port = listeners[0].socket.getsockname()[1]
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    return f"http://{f'[{name}]' if ':' in name and '[' not in name else name}:{port}"


async def _addresses(host: str) -> list[tuple[int, str]]:
    try:
        found = await trio.socket.getaddrinfo(
            host.strip("[]"), None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (socket.gaierror, UnicodeError) as wrong:
        raise UsageError(
            f"--host {host}: there is no such host; allowed are addresses and names of this machine"
        ) from wrong
    return list(dict.fromkeys((family, str(address[0])) for family, _, _, _, address in found))


async def _listener(family: int, address: tuple[str, int]) -> trio.SocketListener:
    made = trio.socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        _tune(made)
        await made.bind(address)
        made.listen(BACKLOG)
    except BaseException:
        made.close()
        raise
    return trio.SocketListener(made)


def _tune(made: trio.socket.SocketType) -> None:
    """What every connection takes over from where it was accepted."""
    made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    with suppress(OSError, AttributeError):  # not every system has it
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_MILLISECONDS)


def _sentence(host: str, port: int, wrong: OSError) -> str:
    if wrong.errno == errno.EADDRINUSE:
        return f"--port {port}: something listens there already; --port 0 finds one that is free"
    if wrong.errno == errno.EACCES:
        return f"--port {port}: only root may listen there; allowed are 0 and 1024 to 65535"
    if wrong.errno in _ABSENT:
        return f"--host {host}: this is no address of this machine"
    return f"--host {host} --port {port}: {wrong.strerror or wrong}"
