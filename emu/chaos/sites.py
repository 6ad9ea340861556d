"""Where an entry of a plan may act: globs over `region/region/operation`.

A glob matches any run of whole components: `mallocgc` is inside that region at any depth,
`mallocgc/lock` the operation `lock` directly inside it, `mallocgc/*` anything inside it.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emu.chaos.plan import Plan

IDLE = "idle"
"""The operation of a process in which no thread can run: a signal may still come."""


def matching(plan: Plan, region: str, operation: str, thread: str) -> tuple[int, ...]:
    """The indices of the plan's entries whose globs match this place."""
    path = f"{region}/{operation}" if region else operation
    return tuple(
        index
        for index, entry in enumerate(plan.entries)
        if fnmatchcase(thread, entry.thread) and within(path, entry.at)
    )


def within(path: str, glob: str) -> bool:
    """Whether a run of whole components of `path` matches `glob`."""
    return fnmatchcase(f"/{path}/", f"*/{glob}/*")
