"""The names of what a run has: two threads, or two objects, never share one."""

from __future__ import annotations

import re
from typing import Final

OF_THREADS: Final = "#"
OF_OBJECTS: Final = "~"
"""What stands before the number. Programs number their objects themselves, too, as `fork#2`; what
emu adds is told from that."""

_NUMBER: Final = re.compile(rf"{OF_OBJECTS}\d+$")


class Names:
    """Gives each a name of its own: the second that wants to be `a` is `a` with `mark` and a 2."""

    __slots__ = ("_mark", "_taken")

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._taken: dict[str, int] = {}

    def own(self, wanted: str) -> str:
        """The name of whoever wants this one."""
        taken = self._taken
        name = wanted
        while name in taken:
            taken[wanted] += 1
            name = f"{wanted}{self._mark}{taken[wanted]}"
        taken[name] = 1
        return name


def shared_name(name: str) -> str:
    """What all objects have in common that wanted one name: `a` for `a~2`.

    Which comes second may be up to the schedule, so that this is what runs can be compared by.
    """
    return _NUMBER.sub("", name)
