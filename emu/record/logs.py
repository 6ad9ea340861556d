"""Reads many logs: every run that is whole, and where something is damaged.

A file may hold the logs of many runs, one after the other, plain or compressed (`.zst`). What
is damaged is named and costs the run that it is in, never the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from emu.errors import LogError
from emu.record.frames import unpacked_frames
from emu.record.history import HEAD, History
from emu.record.newer import newer
from emu.record.reading import parse_pieces

SUFFIXES: Final = (".jsonl", ".jsonl.zst")
"""How the name of a log ends; in a directory, other files are passed over."""

CAMPAIGN: Final = "campaign.db"
"""The file that makes a directory a campaign's."""

LOGS: Final = "logs"
"""Where a campaign keeps the logs of its runs."""

CHUNK: Final = 1 << 20
"""How many bytes are read at once."""

Tell = Callable[[str], object]
"""What is told a sentence."""

BEGINS: Final = f'{{"event":"{HEAD}",'.encode()
"""What the line of a log begins with that begins a run."""


class Logged(NamedTuple):
    """A run: the file that holds it, the line at which it begins there, from 1, its history."""

    path: str
    line: int
    history: History

    def line_of(self, event: int) -> int:
        """The line of an event, by its number from 0."""
        return self.line + 1 + event


def log_files(paths: Iterable[Path | str]) -> list[Path]:
    """The logs that are meant: files as they are, directories with all that is below them.

    Of a campaign that kept the logs of its runs, those alone: its findings were found in them.
    Raises `LogError` for what is not there, and for a directory without a log.
    """
    files: list[Path] = []
    for path in map(Path, paths):
        if not path.is_dir():
            if not path.exists():
                raise LogError(f"there is no file or directory {path}")
            files.append(path)
            continue
        below = sorted(one for one in path.rglob("*") if one.name.endswith(SUFFIXES))
        if not below:
            raise LogError(f"{path}: there is no log below it; a log's name ends in {SUFFIXES[0]}")
        files.extend(_of_runs(below, path))
    return files


def _of_runs(logs: list[Path], directory: Path) -> list[Path]:
    """Without the logs of findings, of campaigns below a directory that have those of runs."""
    for ledger in sorted(directory.rglob(CAMPAIGN)):
        campaign = ledger.parent
        kept = [log for log in logs if campaign / LOGS in log.parents]
        if kept:
            logs = [log for log in logs if campaign not in log.parents or log in kept]
    return logs


def read_runs(path: Path | str, tell: Tell | None = None) -> Iterator[Logged | LogError]:
    """The runs of one log, in order; an error stands in the place of each that is damaged.

    `tell` gets a sentence if a newer emu wrote the log.
    """
    begun, pieces = 1, list[bytes]()
    number, damaged, said = 0, False, None
    for piece in _pieces(Path(path)):
        if isinstance(piece, LogError):
            if pieces:
                yield _run(str(path), begun, pieces, newer=bool(said))
            yield piece
            pieces, damaged = [], True
            continue
        if number == 0 and (said := newer(path, _first_line(piece))) and tell is not None:
            tell(said)
        if pieces and piece.startswith(BEGINS):
            yield _run(str(path), begun, pieces, newer=bool(said))
            pieces = []
        if not pieces:
            begun = number + 1
        pieces.append(piece)
        number += piece.count(b"\n") or 1
    if pieces or not (number or damaged):
        yield _run(str(path), begun, pieces, newer=bool(said))


def _run(path: str, begun: int, pieces: list[bytes], *, newer: bool) -> Logged | LogError:
    try:
        return Logged(path, begun, parse_pieces(pieces, path, begun, newer=newer))
    except LogError as wrong:
        return wrong


def _first_line(piece: bytes) -> bytes:
    line, end, _ = piece.partition(b"\n")
    return line + end


def _pieces(path: Path) -> Iterator[bytes | LogError]:
    """The lines of a log, many at a time; where a run begins, a piece does.

    A last line without its end is a piece of its own.
    """
    rest = b""
    for chunk in unpacked(path):
        if isinstance(chunk, LogError):
            if rest:
                yield rest
            yield chunk
            rest = b""
            continue
        text = rest + chunk
        end = text.rfind(b"\n") + 1
        rest, begin = text[end:], 0
        while begin < end:
            following = text.find(b"\n" + BEGINS, begin, end) + 1 or end
            yield text[begin:following]
            begin = following
    if rest:
        yield rest


def unpacked(path: Path) -> Iterator[bytes | LogError]:
    """What a log holds, chunk by chunk, whether it is compressed or not.

    An error stands where something of it cannot be read.
    """
    try:
        with path.open("rb") as file:
            if path.suffix == ".zst":
                yield from unpacked_frames(file, path)
            else:
                yield from iter(lambda: file.read(CHUNK), b"")
    except OSError as wrong:
        yield LogError(f"cannot read the log {path}: {wrong.strerror or wrong}")
