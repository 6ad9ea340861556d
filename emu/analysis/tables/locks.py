"""What became of each lock: how often it was had, waited for and held, by whom, how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from emu.analysis.tables import holds
from emu.analysis.tables.spread import Spread
from emu.analysis.tables.tables import Tables


@dataclass(frozen=True, slots=True)
class Wait:
    """One wait for a lock: ns, thread, place, step, and the run, counted over all logs from 1."""

    waited: int
    thread: str
    place: str
    step: int
    run: int


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
    tables.keep(holds.COLUMNS, place=holds.PLACE)
    holds.relate(tables)
    acquired = {row[:2]: row[2:] for row in tables.rows(_ACQUIRED)}
    held = {row[:2]: row[2:] for row in tables.rows(_HELD)}
    stuck = {row[:2]: row[2:] for row in tables.rows(_STUCK)}
    holders: dict[tuple[str, str], dict[str, int]] = {}
    for scenario, lock, thread, count in tables.rows(_HOLDERS):
        holders.setdefault((scenario, lock), {})[thread] = count
    found = []
    for key in {**acquired, **stuck}:
        scenario, name = key
        count, contended, in_handlers, waits, longest = acquired.get(key, (0, 0, 0, None, None))
        kept, unreleased = held.get(key, (None, 0))
        ended, unended = stuck.get(key, (0, None))
        candidates = [Wait(**one) for one in (longest, unended) if one is not None]
        found.append(
            Lock(
                scenario,
                name,
                count,
                contended,
                in_handlers,
                _spread(waits),
                _spread(kept),
                ended,
                unreleased,
                holders.get(key, {}),
                max(candidates, key=lambda wait: wait.waited, default=None),
            )
        )
    return sorted(
        found, key=lambda lock: (-lock.waits.total, -lock.stuck, lock.scenario, lock.lock)
    )


def _spread(found: dict[str, Any] | None) -> Spread:
    if found is None or not found["count"]:
        return Spread()
    p50, p99 = found["quantiles"]
    return Spread(found["count"], p50, p99, found["max"], int(found["total"]))


def _spread_of(column: str, which: str) -> str:
    """The SQL for a `Spread` of a column, over the rows that are meant."""
    return (
        f"{{count: count({column}) FILTER ({which}), max: max({column}) FILTER ({which}), "
        f"total: sum({column}) FILTER ({which}), "
        f"quantiles: quantile_disc({column}, [0.5, 0.99]) FILTER ({which})}}"
    )


_WAIT: Final = "{waited: waited, thread: thread, place: place, step: step, run: run}"
_LONGEST: Final = f"arg_min({_WAIT}, (-waited, run, step))"

_ACQUIRED: Final = f"""
SELECT scenario, object, count(*), count(*) FILTER (contended), count(*) FILTER (depth > 0),
    {_spread_of("waited", "contended")}, {_LONGEST} FILTER (contended)
FROM {holds.ACQUIRED} GROUP BY scenario, object ORDER BY scenario, object
"""
_HELD: Final = f"""
SELECT scenario, object, {_spread_of("held", "true")}, count(*) - count(held)
FROM {holds.HOLDS} GROUP BY scenario, object
"""
_STUCK: Final = f"""
SELECT scenario, object, count(*), {_LONGEST}
FROM {holds.STUCK} GROUP BY scenario, object ORDER BY scenario, object
"""
_HOLDERS: Final = f"""
SELECT scenario, object, thread, count(*) AS times
FROM {holds.ACQUIRED} GROUP BY scenario, object, thread ORDER BY times DESC, thread
"""
