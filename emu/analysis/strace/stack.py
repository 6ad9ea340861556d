"""The place in the program from which a call was made, of the stack that -k prints after it.

It is the innermost frame that belongs to no library which every program has. strace knows the
function and, in newer versions, the line (`-kk`); where it knows no line, the line is 0.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from emu.analysis.strace.syntax import Frame

if TYPE_CHECKING:
    from emu.analysis.strace.moments import Syscall

_LIBRARY: Final = re.compile(
    r"(?:libc|libpthread|libstdc\+\+|libgcc_s|libm|ld|ld-linux|ld-musl)\b.*|\[.*\]|"
)


class Stack:
    """Collects the frames that follow a call."""

    def __init__(self) -> None:
        self._call: Syscall | None = None

    def of(self, call: Syscall) -> None:
        """The frames that follow are those of this call."""
        self._call = call

    def frame(self, frame: Frame) -> None:
        """One frame more; the first of the program itself is the place."""
        call = self._call
        if call is None or not frame.function:
            return
        name = PurePath(frame.file).name
        if _LIBRARY.fullmatch(name) and not frame.source:
            return
        file, _, line = frame.source.rpartition(":")
        call.at = f"{PurePath(file).name or name}:{line or 0}:{frame.function}"
        self._call = None

    def end(self) -> None:
        """Another line: no frame of that call follows."""
        self._call = None
