"""Reads what is compressed with zstd, frame after frame; behind a damaged one it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from io import SEEK_CUR, BufferedReader
from pathlib import Path
from typing import Final

import zstandard

from emu.errors import LogError

PIECE: Final = 1 << 14
"""How many bytes are unpacked at once. Of a piece that is damaged nothing is had, and what small
pieces hold stays in the processor's cache (*measured*: a third faster than a megabyte)."""

AHEAD: Final = 1 << 20
"""How many bytes are looked through at once for the next frame."""

_MAGIC: Final = zstandard.FRAME_HEADER
"""What a frame begins with."""


def unpacked_frames(file: BufferedReader, path: Path) -> Iterator[bytes]:
    """What is in the frames of a file, as far as it can be read.

    A line that a damaged frame has torn ends where the next frame begins. Raises `LogError` at
    the end, with all that was damaged.
    """
    damage: list[str] = []
    torn = False
    while file.peek(1):
        begin = file.tell()
        try:
            for data in filter(None, _frame(file)):
                yield data
                torn = not data.endswith(b"\n")
        except (zstandard.ZstdError, EOFError) as wrong:
            _seek_frame(file, begin + len(_MAGIC))
            more = bool(file.peek(1))
            damage.append(_told(path, begin, wrong, file.tell() if more else None))
            if torn and more:
                yield b"\n"
    if damage:
        raise LogError("; ".join(damage))


def _frame(file: BufferedReader) -> Iterator[bytes]:
    """What is in the frame that begins here; leaves the file behind it."""
    frame = zstandard.ZstdDecompressor().decompressobj()
    while piece := file.read(PIECE):
        yield frame.decompress(piece)
        if frame.eof:
            file.seek(-len(frame.unused_data), SEEK_CUR)
            return
    raise EOFError


def _seek_frame(file: BufferedReader, start: int) -> None:
    """Go to where the next frame may begin, from `start` on, or to the end."""
    file.seek(start)
    rest = b""
    while piece := file.read(AHEAD):
        rest += piece
        at = rest.find(_MAGIC)
        if at >= 0:
            file.seek(at - len(rest), SEEK_CUR)
            return
        rest = rest[1 - len(_MAGIC) :]


def _told(path: Path, begin: int, wrong: Exception, after: int | None) -> str:
    """What is said of a damaged frame, after which it goes on at `after`, if it does."""
    if after is not None:
        what = "it is not whole" if isinstance(wrong, EOFError) else str(wrong)
        return (
            f"the log {path} is damaged: the frame at byte {begin:,} cannot be read to its end "
            f"({what}); what is lost there is not counted in the numbers of lines after it"
        )
    if isinstance(wrong, EOFError):
        return f"the log {path} is cut off: its last compressed frame is not whole"
    return f"cannot read the log {path}: it is damaged: {wrong}"
