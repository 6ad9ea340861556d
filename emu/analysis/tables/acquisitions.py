"""What is known of acquisitions: four relations, over packs and over logs.

    had      how often each thread had each lock: `scenario object thread times contended inside`
    waited   the acquisitions that had to wait: `scenario object thread place step run waited`
    holds    for how long a lock was held, in ns: `scenario object held`; null for one that was
             not released before its run ended
    stuck    the waits that had no end: `scenario object thread place step run waited`, up to the
             end of the run

A pack has a row an acquisition. Of logs, the acquisitions and the releases of a thread are put in
the order of their times: where each release lies between two acquisitions they belong together,
one by one. Where a single one does not (another thread released it, a reader took it twice),
all are paired in the order of the log (`holds`), which takes longer.
"""

from __future__ import annotations

from typing import Final

from emu.analysis.tables import holds
from emu.analysis.tables.tables import KEPT, Tables

HAD: Final = "had"
WAITED: Final = "waited"
HOLDS: Final = "holds"
STUCK: Final = "stuck"

_COLUMNS: Final = ("thread", "object", "t", "step", "depth", "waited", "contended", "mode", "place")
_PLACE: Final = "CASE WHEN contended OR event = 'lock.wait' THEN place END"

_WAIT: Final = "scenario, object, thread, place, step, run, waited"

OF_PACKS: Final[dict[str, tuple[str, str]]] = {
    HAD: (
        HOLDS,
        """
SELECT scenario, object, thread, count(*) AS times, count(*) FILTER (contended) AS contended,
    count(*) FILTER (depth > 0) AS inside
FROM {packed} GROUP BY ALL""",
    ),
    WAITED: (HOLDS, f"SELECT {_WAIT} FROM {{packed}} WHERE contended"),
    HOLDS: (HOLDS, "SELECT scenario, object, held FROM {packed} WHERE NOT again"),
    STUCK: (STUCK, f"SELECT {_WAIT} FROM {{packed}}"),
}
"""Each relation: which one of a pack it is made of, and how."""


def relate(tables: Tables) -> None:
    """Make the four relations."""
    of_logs = _of_logs(tables) if tables.sources.logs else {}
    for name, (relation, sql) in OF_PACKS.items():
        parts = [sql.format(packed=f"({packed})") for packed in tables.packed(relation)]
        parts += [of_logs[name]] if of_logs else []
        tables.run(f"CREATE TEMP VIEW {name} AS {' UNION ALL '.join(parts)}")


def _of_logs(tables: Tables) -> dict[str, str]:
    """Read the logs; gives the SQL of each relation."""
    tables.keep(_COLUMNS, place=_PLACE)
    tables.hold("asked", _ASKED)
    tables.hold("times_of_threads", _TIMES)
    tables.hold("pairs", _PAIRS)
    ((odd,),) = tables.rows("SELECT coalesce(bool_or(odd), false) FROM pairs")
    return {
        HAD: f"SELECT scenario, object, thread, times, contended, inside "
        f"FROM pairs {holds.WITH_SCENARIO} WHERE times > 0",
        WAITED: f"SELECT {_WAIT} FROM asked {holds.WITH_SCENARIO} WHERE event = 'lock.acquire'",
        HOLDS: f"SELECT scenario, object, held FROM ({holds.held_in(tables, KEPT)})"
        if odd
        else f"SELECT scenario, object, unnest(held) AS held FROM pairs {holds.WITH_SCENARIO}",
        STUCK: f"SELECT {_WAIT} FROM ({holds.stuck_in('asked')})",
    }


_ASKED: Final = f"""
SELECT run, number, event, object, thread, depth, place, step, t, waited, contended
FROM {KEPT}
WHERE event IN ('lock.wait', 'lock.fail') OR event = 'lock.acquire' AND contended
"""
_TIMES: Final = f"""
SELECT run, object, thread, count(*) FILTER (event = 'lock.acquire') AS times,
    count(*) FILTER (contended) AS contended,
    count(*) FILTER (event = 'lock.acquire' AND depth > 0) AS inside,
    coalesce(list_sort(list(t) FILTER (event = 'lock.acquire')), []) AS taken,
    coalesce(list_sort(list(t) FILTER (event = 'lock.release')), []) AS given
FROM {KEPT} WHERE event IN ('lock.acquire', 'lock.release')
GROUP BY run, object, thread
"""
_PAIRS: Final = """
SELECT run, object, thread, times, contended, inside,
    list_transform(list_zip(taken, given), lambda one: one[2] - one[1]) AS held,
    len(given) > times
        OR len(list_filter(list_zip(taken, given), lambda one: one[2] < one[1])) > 0
        OR len(list_filter(list_zip(taken[2:], given), lambda one: one[1] < one[2])) > 0
        OR times > len(given) + 1 AS odd
FROM times_of_threads
"""
