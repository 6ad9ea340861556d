"""The lines of a file that strace wrote, and what is wrong with those that are none of its.

What cannot be read is named, with file and line, and passed over. A file of which nothing can be
read is refused, with one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple

import zstandard

from emu.analysis.strace.syntax import Attached, Begun, Frame, Line, NoTimeError, Remark, parse_line
from emu.errors import LogError

WANTED: Final = "strace -f -ttt -o FILE COMMAND"
"""How a trace is made that can be read."""

_SAID: Final = re.compile(r"(?:strace: )?Process \d+(?:<.*?>)? (?:at|de)tached$")
"""On a terminal strace says so in the middle of a line, which goes on after it."""

_SUFFIX: Final = re.compile(r"\.(\d+)")
"""What `-ff` ends the name of each thread's file with."""


class Numbered(NamedTuple):
    """A line with its number in its file, from 1."""

    number: int
    line: Line


@dataclass
class Damage:
    """What could not be read: a sentence for each line of it."""

    sentences: list[str] = field(default_factory=list)

    def note(self, path: Path, number: int, wrong: str) -> None:
        """Line `number` of the file at `path` is wrong."""
        self.sentences.append(f"{path}:{number}: {wrong}")


def pid_of(path: Path) -> int | None:
    """The thread to which a file belongs by its name, where `-ff` wrote one for each."""
    suffix = _SUFFIX.fullmatch(path.suffix)
    return int(suffix[1]) if suffix is not None else None


def read_lines(path: Path, damage: Damage) -> Iterator[Numbered]:
    """The lines of one file in order.

    Raises `LogError` for a file that cannot be read, that is empty, that is no text, that has
    nothing of strace's in it, or that has no times.
    """
    last, known = 0, 0
    glued, begun = "", 0
    for last, raw in enumerate(_raw_lines(path), start=1):
        whole = raw.endswith(b"\n")
        text = raw.decode("utf-8", "backslashreplace").rstrip("\r\n")
        said, number = _SAID.search(text), last
        if said is None and glued:
            glued, text, number = "", glued + text, begun
        elif said is not None and said.start():
            glued, begun, text = glued + text[: said.start()], begun if glued else last, said[0]
        if not text:
            continue
        try:
            line = parse_line(text)
        except NoTimeError as wrong:
            if not known:
                raise LogError(
                    f"{path}:{number}: {wrong}; trace with -ttt, as in `{WANTED}`"
                ) from None
            damage.note(path, number, str(wrong))
            continue
        except ValueError as wrong:
            cut = None if whole else _cut(text)
            damage.note(path, number, f"{wrong}" if whole else "the line is cut off; here it ends")
            if cut is None:
                continue
            line = cut
        if not isinstance(line.what, Remark | Attached | Frame):
            known += 1
        yield Numbered(number, line)
    if glued:
        damage.note(path, begun, "a line that strace broke off does not go on")
    if not last:
        raise LogError(f"{path}: the file is empty; a trace is made by `{WANTED}`")
    if not known:
        raise LogError(f"{path}: nothing in it is strace's; a trace is made by `{WANTED}`")


def _cut(text: str) -> Line | None:
    """The call with which the last line begins: it had not come back when strace was killed.

    What comes after the last comma may be a part of a value, and is left out.
    """
    upto = len(text) if text.endswith("NULL") else max(text.rfind(","), text.find("(") + 1)
    try:
        line = parse_line(f"{text[:upto]} <unfinished ...>")
    except ValueError:
        return None
    return line if isinstance(line.what, Begun) else None


def _raw_lines(path: Path) -> Iterator[bytes]:
    try:
        packed = path.suffix == ".zst"
        with zstandard.open(path, "rb") if packed else path.open("rb") as file:
            for line in file if not packed else BytesIO(file.read()):
                if b"\0" in line:
                    raise LogError(f"{path}: a binary file, not the text that strace writes")
                yield line
    except OSError as wrong:
        raise LogError(f"cannot read the trace {path}: {wrong.strerror or wrong}") from None
    except zstandard.ZstdError as wrong:
        raise LogError(f"cannot read the trace {path}: it is damaged: {wrong}") from None
