"""What became of each lock: how often it was had, waited for and held, by whom, how long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from emu.analysis.tables import acquisitions
from emu.analysis.tables.spread import Spread
from emu.analysis.tables.summary import NAMELESS
from emu.analysis.tables.tables import Tables


@dataclass(frozen=True, slots=True)
class Wait:
    """One wait for a lock: ns, thread, place, step, and the run, counted over all logs from 1.

    One that is not `ended` lasted as long as its run.
    """

    waited: int
    thread: str
    place: str
    step: int
    run: int
    ended: bool = True


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock of a scenario, over all runs.

    `waits` are of the acquisitions that had to wait and did; `stuck` counts the waits that had
    no end before their run did, `unreleased` the acquisitions that were held to the end of theirs.
    `holders` are the threads that had it, with how often, the most frequent first. `in_handlers`
    counts acquisitions by signal handlers.
    """

    scenario: str
    lock: str
    acquisitions: int
    contended: int
    in_handlers: int
    waits: Spread
    holds: Spread
    stuck: int
    unreleased: int
    holders: dict[str, int]
    longest: Wait | None

    @property
    def contended_share(self) -> float:
        """Which part of the acquisitions found it held; a lock that was never had has 0."""
        return self.contended / self.acquisitions if self.acquisitions else 0.0


def locks(tables: Tables) -> list[Lock]:
    """Every lock that was asked for, the one that was waited for most first."""
    if not (tables.sources.logs or tables.sources.packs):
        return []
    acquisitions.relate(tables)
    had = _by_lock(tables.rows(_HAD))
    waits = {row[:2]: row[2:] for row in tables.rows(_WAITS)}
    held = {row[:2]: row[2:] for row in tables.rows(_HELD)}
    stuck = {row[:2]: row[2:] for row in tables.rows(_STUCK)}
    found = []
    for key in {**had, **stuck}:
        scenario, name = key
        by_thread = had.get(key, [])
        *waited, _, longest = waits.get(key, (0, 0, 0, 0, 0, 0, None))
        *kept, unreleased, _ = held.get(key, (0, 0, 0, 0, 0, 0, None))
        ended, unended = stuck.get(key, (0, None))
        candidates = [Wait(**longest)] if longest is not None else []
        candidates += [Wait(**unended, ended=False)] if unended is not None else []
        found.append(
            Lock(
                scenario=scenario or NAMELESS,
                lock=name,
                acquisitions=sum(row[1] for row in by_thread),
                contended=sum(row[2] for row in by_thread),
                in_handlers=sum(row[3] for row in by_thread),
                waits=Spread(*waited),
                holds=Spread(*kept),
                stuck=ended,
                unreleased=unreleased,
                holders={row[0]: row[1] for row in by_thread},
                longest=max(candidates, key=lambda wait: wait.waited, default=None),
            )
        )
    return sorted(
        found, key=lambda lock: (-lock.waits.total, -lock.stuck, lock.scenario, lock.lock)
    )


def _by_lock(rows: Iterable[tuple[Any, ...]]) -> dict[tuple[str, str], list[tuple[Any, ...]]]:
    found: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for scenario, lock, *rest in rows:
        found.setdefault((scenario, lock), []).append(tuple(rest))
    return found


def _spread_of(column: str, rows: str, longest: str = "NULL") -> str:
    """The SQL for the spread of a column, by scenario and object, and what else there is of it.

    That is how often it is null, and the `longest`, an aggregate, of its greatest value.

    Equal values are put together first: emulated times are few, and then so is what is sorted.
    """
    return f"""
SELECT scenario, object, coalesce(any_value(all_of), 0)::BIGINT AS count,
    coalesce(min(value) FILTER (upto >= ceil(0.5 * all_of)), 0) AS p50,
    coalesce(min(value) FILTER (upto >= ceil(0.99 * all_of)), 0) AS p99,
    coalesce(max(value), 0) AS most, coalesce(sum(value * times), 0)::BIGINT AS total,
    coalesce(sum(times) FILTER (value IS NULL), 0)::BIGINT AS missing,
    arg_max(longest, value) AS longest
FROM (
    SELECT *, sum(times) OVER (PARTITION BY scenario, object ORDER BY value NULLS LAST) AS upto,
        sum(times) FILTER (value IS NOT NULL) OVER (PARTITION BY scenario, object) AS all_of
    FROM (
        SELECT scenario, object, {column} AS value, count(*) AS times, {longest} AS longest
        FROM {rows} GROUP BY ALL
    )
)
GROUP BY scenario, object
"""


_WAIT: Final = "{waited: waited, thread: thread, place: place, step: step, run: run}"
_LONGEST: Final = f"arg_min({_WAIT}, (-waited, run, step))"

_HAD: Final = f"""
SELECT scenario, object, thread, sum(times)::BIGINT AS had, sum(contended)::BIGINT,
    sum(inside)::BIGINT
FROM {acquisitions.HAD} GROUP BY scenario, object, thread ORDER BY had DESC, thread
"""
_WAITS: Final = _spread_of("waited", acquisitions.WAITED, _LONGEST)
_HELD: Final = _spread_of("held", acquisitions.HOLDS)
_STUCK: Final = f"""
SELECT scenario, object, count(*), {_LONGEST}
FROM {acquisitions.STUCK} GROUP BY scenario, object
"""
