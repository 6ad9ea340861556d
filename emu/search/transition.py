"""The pieces of a run as an exhaustive search sees it: its choices, and what lies between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emu.search.footprint import Footprint

if TYPE_CHECKING:
    from emu.engine.thread import Thread

Sleep = dict[int, Footprint]
"""Threads, by number, that need not run until something depends on what they would do."""

NO_SLEEP: Final[Sleep] = {}


class Point:
    """One choice: its kind, how many options, the one taken.

    For a thread choice `threads` has the threads' numbers in the order of the options, `free`
    says that no option is a preemption, and `sleep` which threads need not run. `index` is the
    transition that it began, or within which it was made.
    """

    __slots__ = ("free", "index", "kind", "options", "sleep", "taken", "threads")

    def __init__(
        self, kind: str, options: int, taken: int, threads: tuple[int, ...], *, free: bool
    ) -> None:
        self.kind = kind
        self.options = options
        self.taken = taken
        self.threads = threads
        self.free = free
        self.sleep: Sleep = {}
        self.index = 0

    def cost(self, option: int) -> int:
        """1 for a preemption, an injection or a timer that fires early; else 0."""
        if self.kind == "thread":
            return int(option != 0 and not self.free)
        return int(option != 0 and self.kind in ("chaos", "timer"))


class Transition(Footprint):
    """What one thread did between two moments at which another could have run.

    `point` is the number of the choice that began it; None if nobody else could run. `after`
    has earlier transitions that caused it, `took` and `released` the names of locks, `acquired`
    those that it would have waited for, and
    `enabled_by` is the transition before which it could not have come; -1 if there is none.
    """

    __slots__ = (
        "acquired",
        "after",
        "choices",
        "enabled_by",
        "point",
        "released",
        "thread",
        "took",
    )

    def __init__(self, thread: Thread, point: int | None) -> None:
        super().__init__(thread.name)
        self.thread = thread.id
        self.point = point
        self.after: list[int] = []
        self.enabled_by = -1
        self.choices: list[str] = []
        self.took: set[str] = set()
        self.acquired: set[str] = set()
        self.released: set[str] = set()
