"""How a campaign and its workers talk: pickled messages over pipes, each behind its length.

Both ends are the same program, started by the same user; nothing else is ever read this way.
"""

from __future__ import annotations

import pickle
import struct
from typing import Any, Final

import trio

_LENGTH: Final = struct.Struct("!Q")


def packed(message: object) -> bytes:
    """A message as bytes."""
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(body)) + body


class Reader:
    """Reads messages from a stream, until it has `ended`."""

    def __init__(self, stream: trio.abc.ReceiveStream) -> None:
        self.ended = False
        self._stream = stream
        self._buffer = bytearray()

    async def read(self) -> Any:
        """The next message; None when there is no further one, whole."""
        head = await self._exactly(_LENGTH.size)
        if head is None:
            return None
        body = await self._exactly(_LENGTH.unpack(head)[0])
        return None if body is None else pickle.loads(body)  # noqa: S301  # our own pipe

    async def _exactly(self, size: int) -> bytes | None:
        buffer = self._buffer
        while len(buffer) < size:
            try:
                some = await self._stream.receive_some(1 << 16)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                some = b""
            if not some:
                self.ended = True
                return None
            buffer += some
        taken = bytes(buffer[:size])
        del buffer[:size]
        return taken
