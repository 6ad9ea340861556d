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


def unpacked_frames(file: BufferedReader, path: Path) -> Iterator[bytes | LogError]:
    """What is in the frames of a file; an error stands where something of one is lost."""
    while file.peek(1):
        begin = file.tell()
        try:
            yield from filter(None, _frame(file))
        except (zstandard.ZstdError, EOFError) as wrong:
            _seek_frame(file, begin + len(_MAGIC))
            yield _lost(path, begin, wrong, more=bool(file.peek(1)))


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


def _lost(path: Path, begin: int, wrong: Exception, *, more: bool) -> LogError:
    """What is wrong with the frame that begins at a byte, and whether there is more after it."""
    cut = isinstance(wrong, EOFError)
    if more:
        return LogError(
            f"the log {path} is damaged: the frame at byte {begin:,} cannot be read to its end "
            f"({'it is not whole' if cut else wrong}); lines after it are counted without what is "
            "lost there"
        )
    if cut:
        return LogError(f"the log {path} is cut off: its last compressed frame is not whole")
    return LogError(f"cannot read the log {path}: it is damaged: {wrong}")
