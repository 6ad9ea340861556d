"""Who had which lock, and how long: a row an acquisition, with the release that ends it.

A lock that several threads share is held by each of them; any other by one, whoever releases
it. A reader that takes a lock again while it has it holds it from the first time on, to the last
release of those that follow each other: some locks tell of each release, some of the last alone.

Acquisitions are put in order by one whole number, made of run, lock and holder; those of a
lock then follow each other, and each looks at its neighbours as they stream by.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from emu.analysis.tables.tables import RUNS, WITH_SCENARIO, Tables

OF_ACQUISITION: Final = "thread, depth, place, step, waited, contended"
"""What a pack has of each acquisition, besides `run`, `scenario`, `object`, `held` and `again`."""

_SHARED: Final = "starts_with(mode, 'shared')"


def all_in(tables: Tables, events: str) -> str:
    """The SQL for what a pack has: every acquisition with all about it, and how long it was held.

    An acquisition by a reader that has the lock already is `again`, and held for no time.
    """
    names = _numbered(tables, events)
    held = _paired(events, names, OF_ACQUISITION, again=False)
    found = f"SELECT *, false AS again FROM ({held})"
    if names.sharers > 1:
        again = _paired(events, names, OF_ACQUISITION, again=True)
        found += f" UNION ALL SELECT * REPLACE (NULL AS held), true AS again FROM ({again})"
    return found


def held_in(tables: Tables, events: str) -> str:
    """The SQL that pairs the acquisitions in `events` with their releases.

    `held` is in ns, null for a lock that was not released before its run ended. Those that are
    `again` are left out.
    """
    return _paired(events, _numbered(tables, events), "", again=False)


class _Names(NamedTuple):
    """How many locks there are, and threads that share one, with nothing as number 0 of each."""

    locks: int
    sharers: int


def _numbered(tables: Tables, events: str) -> _Names:
    """Make the types that number the locks and those who share them."""
    return _Names(
        _number(
            tables,
            "locks",
            f"SELECT object FROM {events} WHERE event IN ('lock.acquire', 'lock.release')",
        ),
        _number(tables, "sharers", f"SELECT thread FROM {events} WHERE {_SHARED}"),
    )


def _paired(events: str, names: _Names, more: str, *, again: bool) -> str:
    """Acquisitions with their releases, and with `more`; those that are `again`, or the others."""
    locks, sharers = names
    carried = f", {more}" if more else ""
    return f"""
SELECT run, scenario, lock AS object, held{carried}
FROM (
    SELECT *, CASE WHEN NOT lead(acquired) OVER () AND lead(key) OVER () = key
        THEN lead(t) OVER () - t END AS held
    FROM (
        SELECT *, acquired AND key % {sharers} > 0 AND lag(acquired) OVER ()
            AND lag(key) OVER () = key AS again,
            NOT acquired AND key % {sharers} > 0 AND NOT lead(acquired) OVER ()
            AND lead(key) OVER () = key AS early
        FROM (
            SELECT run, t, event = 'lock.acquire' AS acquired, object::locks AS lock{carried},
                (run * {locks} + enum_code(object::locks)) * {sharers}
                + CASE WHEN {_SHARED} THEN enum_code(thread::sharers) ELSE 0 END AS key
            FROM {events} WHERE event IN ('lock.acquire', 'lock.release')
            ORDER BY key, number
        )
    )
    WHERE coalesce(again, false) = {again} AND NOT coalesce(early, false)
) {WITH_SCENARIO}
WHERE acquired
"""


def stuck_in(events: str) -> str:
    """The SQL for the waits in `events` that neither got the lock nor gave it up."""
    return f"""
SELECT run, scenario, object, thread, asking.depth, asking.place, asking.step,
    coalesce(t - asking.t, 0) AS waited
FROM (
    SELECT run, object, thread,
        arg_max({{depth: depth, place: place, step: step, t: t}}, number)
            FILTER (event = 'lock.wait') AS asking,
        max(number) FILTER (event = 'lock.wait') AS asked,
        coalesce(max(number) FILTER (event <> 'lock.wait'), -1) AS answered
    FROM {events}
    WHERE event IN ('lock.wait', 'lock.fail') OR event = 'lock.acquire' AND contended
    GROUP BY ALL
) JOIN (SELECT run, scenario, t FROM {RUNS}) USING (run)
WHERE asked > answered
"""


def _number(tables: Tables, name: str, names: str) -> int:
    """Make the type that numbers some names, with nothing as number 0; gives how many."""
    tables.run(f"DROP TYPE IF EXISTS {name}")
    tables.run(f"CREATE TYPE {name} AS ENUM (FROM (VALUES ('')) UNION ({names}) ORDER BY ALL)")
    ((count,),) = tables.rows(f"SELECT len(enum_range(NULL::{name}))")
    return int(count)
