"""What one transition of a run touched, and whether two of them depend on each other.

A transition is what one thread does between two moments at which another could have run.
"""

from __future__ import annotations

from typing import Final

from emu.search.dependence import READS

LOOKS: Final = frozenset({"join", "start", "yield"})
"""Operations whose target is a thread, and that do nothing to it."""


class Footprint:
    """The names that were read and written; `wide` is: anything may have been.

    Operations on one name depend on each other unless both only read (`dependence.conflict`).
    What is done to a thread depends on all that the thread does.
    """

    __slots__ = ("name", "reads", "wide", "writes")

    def __init__(self, name: str) -> None:
        self.name = name
        self.reads: set[str] = set()
        self.writes: set[str] = set()
        self.wide = False

    def __bool__(self) -> bool:
        return self.wide or bool(self.reads) or bool(self.writes)

    def add(self, operation: str, target: str) -> None:
        """An operation on the thing called `target`; without a name it may touch anything."""
        if not target:
            self.wide = True
        elif operation in READS or operation in LOOKS:
            self.reads.add(target)
        else:
            self.writes.add(target)

    def merge(self, other: Footprint) -> None:
        """All of `other` as well."""
        self.reads |= other.reads
        self.writes |= other.writes
        self.wide = self.wide or other.wide

    def depends(self, other: Footprint) -> bool:
        """Whether the order of these two, of different threads, can matter."""
        if self.wide or other.wide:
            return True
        mine, theirs = self.writes, other.writes
        return bool(
            (mine and not (mine.isdisjoint(theirs) and mine.isdisjoint(other.reads)))
            or (theirs and not theirs.isdisjoint(self.reads))
            or other.name in mine
            or self.name in theirs
        )

    def touches_only(self, name: str) -> bool:
        """Whether nothing but the thing called `name` was touched."""
        return not self.wide and not self.reads and self.writes == {name}
