"""The names of what a run has: two threads, or two objects, never share one."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = re.compile(r"#\d+$")


class Names:
    """Gives each a name of its own: the second that wants to be `a` is `a#2`."""

    __slots__ = ("_taken",)

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def own(self, wanted: str) -> str:
        """The name of whoever wants this one."""
        taken = self._taken
        name = wanted
        while name in taken:
            taken[wanted] += 1
            name = f"{wanted}#{taken[wanted]}"
        taken[name] = 1
        return name


def shared_name(name: str) -> str:
    """What all who wanted the same name have in common: `a` for `a#2`.

    Who comes second may be up to the schedule, so that this is what two runs can be compared by.
    """
    return _NUMBER.sub("", name)
