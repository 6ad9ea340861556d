"""Where the events are: logs, plain and compressed, and packs of them.

A log that is damaged or cut off is told, and what can be had of it is had: its good lines go to
a copy that lasts as long as the sources do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from glob import glob, has_magic
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import orjson

from emu.analysis.tables.salvage import salvage, sound
from emu.analysis.tables.sieve import PIECE, Sieve, lines_within, pieces
from emu.errors import LogError
from emu.record.history import HEAD
from emu.record.line import parse
from emu.record.logs import SUFFIXES, log_files, unpacked
from emu.record.newer import newer

PACK: Final = "pack.json"
"""The file that makes a directory a pack: what was packed, and what was wrong with it."""

UNPACKED: Final = 20
"""How many times more a compressed log has when it is unpacked, at most (*measured*: 10 to 15)."""

FORMAT: Final = 1
"""Of packs; a newer one is refused."""

NAMED: Final = 20
"""How many damaged lines are named; the others are counted."""

_SAMPLED: Final = 16
"""Of so many chunks of a compressed log, the beginning of one is looked at."""


class Pack(NamedTuple):
    """A pack on disk: how many runs it has, which logs, what was wrong with them."""

    directory: Path
    runs: int
    files: frozenset[tuple[str, int]]
    damage: tuple[str, ...]


class Sources:
    """The logs and packs that some paths mean: files, directories, patterns.

    `logs` has each log with the file to read in its place: itself, unless it had to be salvaged.
    A log that is in one of the packs, by its name and size, is not read a second time. `damage`
    has a sentence for everything that is known to be wrong with them; `empty` is how many lines of
    copies stand in the place of what is none; `headless` has the logs that do not begin with a run
    as they are read. Raises `LogError` for a path that means nothing, and for a pack that this emu
    cannot read.
    """

    def __init__(self, paths: Iterable[Path | str]) -> None:
        self.damage: list[str] = []
        self.logs: dict[Path, Path] = {}
        self.packs: list[Pack] = []
        self.empty = 0
        self.headless: set[Path] = set()
        self._newer: set[Path] = set()
        self._damaged: list[Path] = []
        self._named = 0
        self._sifted = False
        self._scratch: TemporaryDirectory[str] | None = None
        meant = [one for path in map(Path, paths) for one in _meant(path)]
        for path in meant:
            self._find_packs(path)
        for path in meant:
            self._find_logs(path)

    def look(self) -> None:
        """Look into every log: leave out what cannot be read, note what is damaged there."""
        for path in list(self.logs):
            try:
                self._look_into(path)
            except (OSError, LogError) as wrong:
                self.damage.append(str(wrong))

    def mend(self) -> None:
        """Salvage the logs that `look` found to be damaged. Raises `LogError` as `salvage`."""
        for path in self._damaged:
            self.salvage(path)

    def sift(self) -> bool:
        """Look at every line of every log, and salvage what has one that is none; gives whether.

        It is done once.
        """
        found = False
        if not self._sifted:
            self._sifted = True
            for path in list(self.logs):
                if not (self._is_salvaged(path) or sound(path, self._sieve(path))):
                    found |= self.salvage(path)
        return found

    @property
    def sifted(self) -> bool:
        """Whether every line of what is read in the place of the logs is known to be good."""
        return self._sifted or not self.logs

    def close(self) -> None:
        """Remove what was salvaged, and all else in the scratch directory."""
        if self._scratch is not None:
            self._scratch.cleanup()

    @property
    def size(self) -> int:
        """How many bytes the logs have, about: of those that are compressed, unpacked."""
        return sum(
            name_and_size(read)[1] * (UNPACKED if read.suffix == ".zst" else 1)
            for read in self.logs.values()
        )

    def scratch(self) -> Path:
        """A directory that lasts as long as the sources do."""
        if self._scratch is None:
            self._scratch = TemporaryDirectory(prefix="emu-", ignore_cleanup_errors=True)
        return Path(self._scratch.name)

    def reachable(self, path: Path) -> Path:
        """The same file or directory by a name that is no pattern: a link, if its own is one."""
        if not has_magic(str(path)):
            return path
        links = self.scratch() / "links"
        links.mkdir(exist_ok=True)
        link = links / f"{len(list(links.iterdir()))}{''.join(path.suffixes[-2:])}"
        link.symlink_to(path.absolute())
        return link

    def salvage(self, path: Path) -> bool:
        """Have a copy read in the place of a log; gives whether there was none yet.

        What is left out of it is told. Raises `LogError` where it cannot be made.
        """
        if self._is_salvaged(path):
            return False
        copies = self._copies
        copies.mkdir(exist_ok=True)
        self.logs[path] = copies / f"{len(list(copies.iterdir()))}.jsonl"
        more = 0
        for line, said, begins in salvage(path, self.logs[path], self._sieve(path)):
            self.empty += not begins
            if line == 1 and not begins:
                self.headless.add(path)
            if self._named == NAMED:
                more += 1
                continue
            self._named += 1
            self.damage.append(f"{path}:{line}: {said}")
        if more:
            self.damage.append(f"{path}: {more:,} more lines are damaged, or foreign")
        return True

    @property
    def _copies(self) -> Path:
        return self.scratch() / "copies"

    def _is_salvaged(self, path: Path) -> bool:
        return self.logs[path].parent == self._copies

    def _sieve(self, path: Path) -> Sieve:
        return Sieve(newer=path in self._newer)

    def _find_packs(self, path: Path) -> None:
        for found in sorted(path.rglob(PACK)) if path.is_dir() else []:
            if all(found.parent != pack.directory for pack in self.packs):
                self.packs.append(_pack(found))
                self.damage.extend(self.packs[-1].damage)

    def _find_logs(self, path: Path) -> None:
        packed = frozenset[tuple[str, int]]().union(*(pack.files for pack in self.packs))
        within = [pack for pack in self.packs if path in (pack.directory, *pack.directory.parents)]
        if within and not any(one.name.endswith(SUFFIXES) for one in path.rglob("*")):
            return
        for log in log_files([path]):
            if name_and_size(log) not in packed:
                self.logs[log] = log

    def _look_into(self, path: Path) -> None:
        read = self.reachable(self.logs.pop(path))
        lost, odd, sieve = list[str](), False, None
        for number, chunk in enumerate(unpacked(path)):
            if isinstance(chunk, LogError):
                lost.append(str(chunk))
                continue
            if sieve is None:
                self._look_at(path, chunk.partition(b"\n")[0] + b"\n")
                sieve = self._sieve(path)
            if path.suffix != ".zst":
                odd = not all(map(sieve.sound, pieces(path)))
                break
            if not odd and number % _SAMPLED == 0:
                odd = not sieve.sound(lines_within(chunk[:PIECE], whole=number == 0))
        self.damage += lost
        if sieve is not None:
            self.logs[path] = read
            if lost or odd:
                self._damaged.append(path)
        elif not lost:
            self.damage.append(f"{path}: the log is empty")

    def _look_at(self, path: Path, line: bytes) -> None:
        """Say what is odd about the first line of a log."""
        try:
            head = parse(line)
        except ValueError:
            return  # it will be told with the other lines that are none
        if head.get("event") != HEAD:
            self.headless.add(path)
            self.damage.append(f"{path}:1: a log begins with a {HEAD!r} line; this one does not")
        elif said := newer(path, line):
            self._newer.add(path)
            self.damage.append(said)


def _meant(path: Path) -> Iterator[Path]:
    if not has_magic(str(path)) or path.exists():
        yield path
        return
    found = sorted(glob(str(path), recursive=True))  # noqa: PTH207 - the pattern may be absolute
    if not found:
        raise LogError(f"nothing is called {path}")
    yield from map(Path, found)


def name_and_size(path: Path) -> tuple[str, int]:
    """What a pack knows a log by; the size is in bytes, -1 for a log that is not there."""
    try:
        return path.name, path.stat().st_size
    except OSError:
        return path.name, -1


def _pack(path: Path) -> Pack:
    try:
        row = orjson.loads(path.read_bytes())
        format_, runs, damage = row["format"], row["runs"], tuple(row["damage"])
        files = frozenset((name, size) for name, size in row["files"])
    except (OSError, ValueError, KeyError, TypeError):
        raise LogError(f"{path}: this is not what 'emu logs pack' writes") from None
    if format_ != FORMAT:
        raise LogError(f"{path}: a pack of format {format_}; this emu reads format {FORMAT}")
    return Pack(path.parent, runs, files, damage)
