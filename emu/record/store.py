"""Where runs and findings live on disk: `runs/NAME/0001/`, with `runs/NAME/latest`.

A run's directory is created exclusively, so processes that run side by side never share
one. In it are `history.jsonl`, and a `finding.json` (`finding-2.json`, …) for each finding.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final

import orjson

from emu.errors import LogError
from emu.record.finding import Finding
from emu.record.history import History
from emu.record.reading import value_of

ROOT: Final = Path("runs")
HISTORY: Final = "history.jsonl"
FINDING: Final = "finding.json"
LATEST: Final = "latest"

_NUMBER: Final = re.compile("[0-9]{4,}")


@dataclass(frozen=True, slots=True)
class StoredFinding:
    """A finding on disk: the message to show, and all that a replay needs.

    `chaos`, `params` and `watchdog` are as in the head of a log; `first_run` says which run
    of the exploration found it first (from 1), `count` how many did; `original` is the tape of
    that run, `tape` the simplest known; `log` is the file that has the history of `tape`, from
    the finding's directory; empty if there is none.
    """

    signature: str
    kind: str
    sentence: str
    message: str
    target: str
    tape: str
    seed: int
    strategy: str
    emu: str
    params: dict[str, Any] = field(default_factory=dict)
    chaos: tuple[Any, ...] = ()
    watchdog: dict[str, Any] = field(default_factory=dict)
    count: int = 1
    first_run: int = 1
    log: str = ""
    original: str = ""

    @classmethod
    def of(cls, history: History, finding: Finding, message: str, **known: Any) -> StoredFinding:
        """A finding of a run that is there; `known` are the fields that a run does not tell."""
        info = history.info
        return cls(
            signature=finding.signature,
            kind=finding.kind,
            sentence=finding.sentence,
            message=message,
            target=info.scenario,
            tape=str(history.tape),
            emu=info.emu,
            params=info.params,
            chaos=info.chaos,
            watchdog=info.watchdog,
            **known,
        )


def new_run(name: str, root: Path | str = ROOT) -> Path:
    """A new, empty directory for a run of `name`, a scenario or a plan; `latest` points to it.

    Raises `LogError` when it cannot be made.
    """
    shelf = Path(root) / directory_name(name)
    try:
        shelf.mkdir(parents=True, exist_ok=True)
        made = _next(shelf)
    except OSError as wrong:
        raise LogError(f"cannot make a run in {shelf}: {wrong.strerror or wrong}") from None
    with suppress(OSError):  # not every file system has links, and nothing needs this one
        link = shelf / f".{LATEST}-{made.name}"
        link.symlink_to(made.name)
        link.replace(shelf / LATEST)
    return made


def save_finding(finding: StoredFinding, directory: Path | str) -> Path:
    """Write a finding to a new file in a run's directory; gives the file.

    Raises `LogError` when it cannot be written.
    """
    content = finding_bytes(finding)
    stem, _, suffix = FINDING.partition(".")
    for number in count(1):
        path = Path(directory) / (FINDING if number == 1 else f"{stem}-{number}.{suffix}")
        try:
            with path.open("xb") as file:
                file.write(content)
        except FileExistsError:
            continue
        except OSError as wrong:
            text = f"cannot write the finding {path}: {wrong.strerror or wrong}"
            raise LogError(text) from None
        break
    return path


def finding_bytes(finding: StoredFinding) -> bytes:
    """A finding as its file holds it."""
    return orjson.dumps(asdict(finding), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def write_file(path: Path, content: bytes) -> None:
    """Put a file in its place, whole or not at all, and its directory with it.

    It is on the disk when this returns, so that a database may say that it is there. Raises
    `LogError` when it cannot be written; what was there before stays.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft_of(path) as draft, draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _sync(path.parent)
    except OSError as wrong:
        raise LogError(f"cannot write {path}: {wrong.strerror or wrong}") from None


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """A file to write, which takes the place of `path` afterwards; nothing half written stays."""
    draft = path.with_name(f".{path.name}")
    try:
        yield draft
        draft.replace(path)
    except BaseException:  # Ctrl-C among them
        with suppress(OSError):
            draft.unlink()
        raise


def _sync(directory: Path) -> None:
    """Have the names in a directory on the disk, where the file system can do that."""
    with suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def load_finding(path: Path | str) -> StoredFinding:
    """The finding in the file `path`, or the first one in the run's directory `path`.

    Raises `LogError` when there is none or it is damaged.
    """
    path = Path(path)
    if path.is_dir():
        path /= FINDING
    try:
        content = path.read_bytes()
    except OSError as wrong:
        raise LogError(f"cannot read the finding {path}: {wrong.strerror or wrong}") from None
    return read_finding(content, str(path))


def read_finding(content: bytes, where: str) -> StoredFinding:
    """The finding that a file at `where` holds; raises `LogError` when it is damaged."""
    try:
        row = orjson.loads(content)
    except orjson.JSONDecodeError as wrong:
        raise LogError(f"{where}:{wrong.lineno}: not a finding: {wrong.msg}") from None
    try:
        return value_of(StoredFinding, row, "a finding")
    except ValueError as wrong:
        raise LogError(f"{where}: {wrong}") from None


def directory_name(name: str) -> str:
    """`name` as the name of a directory: letters, digits, `.`, `_`, and `-` for all else."""
    return re.sub(r"[^\w.]+", "-", name, flags=re.ASCII).strip("-.") or "run"


def _next(shelf: Path) -> Path:
    """A directory with the next free number, made by nobody else."""
    names = [entry.name for entry in shelf.iterdir()]
    numbers = [int(name) for name in names if _NUMBER.fullmatch(name)]
    for number in count(max(numbers, default=0) + 1):
        with suppress(FileExistsError):
            made = shelf / f"{number:04}"
            made.mkdir()
            break
    return made
